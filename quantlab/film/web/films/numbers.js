// @ts-check
// Numbers as tiles or lines of text: every level's texts are here, a level is a matter of textContent.
// Where other numbers come in the same element, those that read differently are marked for a moment.
import { join } from "../bus.js";
import { film, make } from "../film.js";
import { named } from "../terms.js";

/** @typedef {{name: string, help: string, texts: string[]}} Entry a tile or line, and its text at every level */
/** @typedef {{film: string, texts: Map<string, string>}} Shown a film, and what its tiles read last, by name */

const COMING = 400; // milliseconds in which slider and films of one change arrive
const MARKED = 1600;
const WAITING = "…";

/** @type {WeakMap<HTMLElement, Shown>} */
const shown = new WeakMap();

export const mount = film("numbers", (host, { header }, { level }) => {
  /** @type {Entry[]} */
  const entries = header.entries;
  const slots = entries.map(() => make("b"));
  const tiles = entries.map((entry, k) => make("div", {}, named(entry.name, entry.help), slots[k]));
  host.dataset.layout = header.layout;
  host.replaceChildren(...tiles);

  const now = { film: JSON.stringify(entries), texts: new Map() }, before = shown.get(host), since = performance.now();
  const other = before && before.film !== now.film ? before.texts : new Map();
  shown.set(host, now);
  const mark = (/** @type {number} */ k, /** @type {string} */ text) => {
    const old = other.get(entries[k].name);
    if (old === undefined || old === WAITING || old === text || performance.now() - since > COMING) delete tiles[k].dataset.changed;
    else tiles[k].dataset.changed = "";
  };
  const unmark = setTimeout(() => tiles.forEach(tile => { delete tile.dataset.changed; }), MARKED);
  const leave = join(header, host, i => slots.forEach((slot, k) => {
    const text = entries[k].texts[i];
    slot.textContent = text;
    now.texts.set(entries[k].name, text);
    mark(k, text);
  }), level);
  return () => {
    clearTimeout(unmark);
    leave();
  };
});
