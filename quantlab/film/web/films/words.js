// @ts-check
// A sentence for every level. All of them lie in one place and one is in sight, so that the place is as high as the longest
// needs at any width and nothing below it jumps. What a screen reader hears is said once the thumb rests.
import { join } from "../bus.js";
import { film, make } from "../film.js";

const REST = 600; // milliseconds at one level before it is spoken

/** @typedef {{text: string, bold: boolean, italic: boolean}} Run */

export const mount = film("words", (host, { header }, { level }) => {
  /** @type {string[]} */
  const texts = header.texts, different = [...new Set(texts)];
  const lines = different.map(text => make("p", {}, ...runs(text).map(nodeOf)));
  const shown = make("div", { ariaHidden: header.look === "sentence" ? "true" : null }, ...lines);
  const spoken = make("div", { className: "ql-spoken", ariaLive: "polite" });
  let now = -1;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let resting;

  /** @param {number} i */
  const show = i => {
    const next = different.indexOf(texts[i]);
    host.dataset.away = String("own" in header && header.own !== header.labels[i]);
    if ("own" in header) document.documentElement.dataset.qlAway = host.dataset.away; // what was drawn for one level is dimmed
    if (next === now) return;
    lines.forEach((line, k) => { line.dataset.shown = String(k === next); });
    if (header.look === "sentence") speak(different[next], now < 0);
    now = next;
  };
  const speak = (/** @type {string} */ text, /** @type {boolean} */ first) => {
    const say = () => { spoken.textContent = runs(text).map(run => run.text).join(""); };
    clearTimeout(resting);
    spoken.textContent = "";
    if (first) say();
    else resting = setTimeout(say, REST);
  };

  host.dataset.look = header.look;
  host.replaceChildren(shown, ...(header.look === "sentence" ? [spoken] : []));
  if (!header.labels.length) show(0);
  const leave = join(header, host, show, level);
  return () => {
    clearTimeout(resting);
    leave();
  };
});

/**
 * The parts of a text in which `**bold**`, `*italic*` and a backslash before a mark are all that means something.
 * @param {string} text
 * @returns {Run[]}
 */
export function runs(text) {
  /** @type {Run[]} */
  const found = [];
  let bold = false, italic = false, at = "";
  const close = () => {
    if (at) found.push({ text: at, bold, italic });
    at = "";
  };
  for (let i = 0; i < text.length; i++) {
    if (text[i] === "\\" && /[!-/:-@[-`{-~]/.test(text[i + 1] ?? "")) at += text[++i];
    else if (text.startsWith("**", i)) {
      close();
      bold = !bold;
      i++;
    } else if (text[i] === "*") {
      close();
      italic = !italic;
    } else at += text[i];
  }
  close();
  return found;
}

/** @param {Run} run */
function nodeOf({ text, bold, italic }) {
  if (bold && italic) return make("strong", {}, make("em", { textContent: text }));
  return make(bold ? "strong" : italic ? "em" : "span", { textContent: text });
}
