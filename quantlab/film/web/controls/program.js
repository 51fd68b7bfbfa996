// @ts-check
// A program to read and to copy, {name, parts: [class, text][]}: its words in classes, its text as it is.
import { hostIn, make } from "../film.js";

const SAID = 1500; // milliseconds

/** @type {import("../film.js").Mount} */
export function mount(element, data) {
  const host = hostIn(element, "program"), code = make("code");
  const text = make("pre", { tabIndex: 0, role: "region" }, code), copy = make("button", { type: "button", textContent: "Copy" });
  host.append(text, copy);
  copy.onclick = async () => {
    copy.textContent = await copied(code) ? "Copied" : "Selected: copy it with your keys";
    setTimeout(() => { copy.textContent = "Copy"; }, SAID);
  };
  const show = (/** @type {{name: string, parts: [string, string][]}} */ { name, parts }) => {
    text.ariaLabel = name;
    code.replaceChildren(...parts.map(([kind, words]) => kind ? make("span", { className: `ql-${kind}`, textContent: words }) : words));
  };
  show(data);
  return { update: show, destroy: () => host.remove() };
}

/**
 * Whether the text went to the clipboard; where the browser does not give it (a page without TLS), the text is selected.
 * @param {HTMLElement} code
 */
async function copied(code) {
  try {
    await navigator.clipboard.writeText(code.textContent ?? "");
    return true;
  } catch {
    getSelection()?.selectAllChildren(code);
    return false;
  }
}
