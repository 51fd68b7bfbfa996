// @ts-check
// Numbers as tiles or lines of text: every level's texts are here, a level is a matter of textContent.
import { join } from "../bus.js";
import { film, make } from "../film.js";

/** @typedef {{name: string, help: string, texts: string[]}} Entry a tile or line, and its text at every level */

export const mount = film("numbers", (host, { header }, { level }) => {
  /** @type {Entry[]} */
  const entries = header.entries;
  const slots = entries.map(() => make("b"));
  host.dataset.layout = header.layout;
  host.replaceChildren(...entries.map((entry, k) => make("div", { title: entry.help }, make("span", { textContent: entry.name }), slots[k])));
  return join(header, host, i => slots.forEach((slot, k) => { slot.textContent = entries[k].texts[i]; }), level);
});
