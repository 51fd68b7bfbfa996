// @ts-check
// As much of a page as films of text need.

class FakeElement {
  /** @type {Record<string, string>} */
  dataset = {};
  /** @type {FakeElement[]} */
  children = [];
  textContent = "";
  className = "";
  style = { setProperty() {} };
  /** @type {FakeElement | null} */
  parent = null;

  /** @param {...FakeElement} children */
  append(...children) {
    for (const child of children) child.parent = this;
    this.children.push(...children);
  }

  /** @param {...FakeElement} children */
  replaceChildren(...children) {
    this.children = [];
    this.append(...children);
  }

  remove() {
    if (this.parent) this.parent.children = this.parent.children.filter(child => child !== this);
  }
}

Object.assign(globalThis, { document: { createElement: () => new FakeElement(), documentElement: new FakeElement() } });

/** @returns {any} an empty element */
export const element = () => new FakeElement();
