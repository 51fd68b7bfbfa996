// @ts-check
// A word as switches: one button a bit, its field's colour; a press picks the bit to turn over.
import { hostIn, make } from "../film.js";

/** @typedef {{name: string, bits: string, slot: string}} Field */

/** @type {import("../film.js").Mount} */
export function mount(element, data, options = {}) {
  const host = hostIn(element, "bits");
  let { onPick } = options;

  /** @param {string} text @param {string} slot */
  const part = (text, slot) => {
    const span = make("b", { textContent: text });
    if (slot) span.dataset.slot = slot;
    return span;
  };
  /** @param {Field} field @param {number} first the place of its first bit in the word */
  const group = ({ name, bits, slot }, first) => {
    const buttons = [...bits].map((bit, k) => make("button", {
      textContent: bit,
      ariaPressed: String(bit === "1"),
      ariaLabel: `bit ${first + k} of the word, ${name}`,
      onclick: () => onPick?.(first + k),
    }));
    const box = make("div", {}, make("div", {}, ...buttons), make("span", { textContent: name }));
    box.dataset.slot = slot;
    return box;
  };
  /** @param {{fields: Field[], formula: [string, string][], value: string}} word */
  const show = ({ fields, formula, value }) => {
    const first = (/** @type {number} */ k) => fields.slice(0, k).reduce((sum, field) => sum + field.bits.length, 0);
    const line = make("p", {}, ...formula.map(([text, slot]) => part(text, slot)), part(` = ${value}`, "value"));
    host.replaceChildren(...fields.map((field, k) => group(field, first(k))), line);
  };
  show(data);
  return {
    update(next, others = options) {
      ({ onPick } = others);
      show(next);
    },
    destroy: () => host.remove(),
  };
}
