// @ts-check
// A text coloured by how surprising each of its tokens was, before and after; the token that is chosen shows its likeliest rivals.
// Underlined are tokens in whose place another one is likeliest now: never colour alone.
import { join, labelOf } from "../bus.js";
import { film, make } from "../film.js";

const TOP = 5, SHADES = 9, MOST = 9; // shades of colour; bits that have the darkest

/**
 * The numbers of one telling of the text: in hundredths of bits, places in the vocabulary, and shares in thousandths.
 * @typedef {{bits: (n: number) => number, top: (n: number, k: number) => number, share: (n: number, k: number) => number}} Telling
 */

export const mount = film("tokens", (host, { header, payload }, { level }) => {
  /** @type {{pieces: string[], vocabulary: string[], known: boolean[], chosen: number}} */
  const { pieces, vocabulary, known, chosen: first } = /** @type {any} */ (header);
  const numbers = new Uint16Array(payload.buffer), tellings = [0, ...header.labels.keys()].map((_, k) => telling(numbers, k, pieces.length));
  let chosen = first, now = -1;

  const texts = ["before", "after"].map(() => pieces.map(piece => make("span", { textContent: visible(piece) })));
  const boxes = texts.map(spans => make("p", { ariaHidden: "true" }, ...spans));
  const titles = ["before", "after"].map(textContent => make("small", { textContent }));
  const told = make("output"), lists = [make("div"), make("div")];
  const stage = make("div", { tabIndex: 0, ariaLabel: header.alt }, ...boxes.map((box, k) => make("section", {}, titles[k], box)));
  stage.role = "application";
  host.replaceChildren(stage, told, make("section", {}, ...lists));

  const paint = (/** @type {number} */ side, /** @type {Telling | null} */ shown) => texts[side].forEach((span, n) => {
    const shade = shown ? shadeOf(shown.bits(n)) : "0", moved = String(side === 1 && !!shown && shown.top(n, 0) !== tellings[0].top(n, 0));
    if (span.dataset.shade !== shade) span.dataset.shade = shade;
    if (span.dataset.moved !== moved) span.dataset.moved = moved;
  });
  const choose = (/** @type {number} */ n) => {
    const past = chosen, after = now >= 0 && known[now] ? tellings[1 + now] : null;
    chosen = Math.max(0, Math.min(pieces.length - 1, n));
    texts.forEach(spans => {
      delete spans[past].dataset.chosen;
      spans[chosen].dataset.chosen = "";
    });
    const surprise = `${tellings[0].bits(chosen).toFixed(1)} bits of surprise before, ${after ? after.bits(chosen).toFixed(1) : "…"} after`;
    told.textContent = `“${visible(pieces[chosen])}”: ${surprise}`;
    list(lists[0], "before", tellings[0], chosen, pieces[chosen], vocabulary);
    list(lists[1], labelOf(header, Math.max(0, now)), after, chosen, pieces[chosen], vocabulary);
  };
  stage.onclick = event => {
    const span = /** @type {HTMLElement} */ (event.target), spans = texts.find(row => row.includes(span));
    if (spans) choose(spans.indexOf(span));
  };
  stage.onkeydown = event => {
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -20, ArrowDown: 20 }[event.key];
    if (!step) return;
    event.preventDefault();
    choose(chosen + step);
  };
  paint(0, tellings[0]);
  return join(header, host, i => {
    now = i;
    titles[1].textContent = `after: ${labelOf(header, i)}`;
    paint(1, known[i] ? tellings[1 + i] : null);
    choose(chosen);
  }, level);
});

/**
 * @param {Uint16Array} numbers
 * @param {number} k which telling
 * @param {number} count of tokens
 * @returns {Telling}
 */
function telling(numbers, k, count) {
  const at = k * count * (1 + 2 * TOP);
  return {
    bits: n => numbers[at + n] / 100,
    top: (n, i) => numbers[at + count + n * TOP + i],
    share: (n, i) => numbers[at + count * (1 + TOP) + n * TOP + i] / 10,
  };
}

/** The shade of a surprise in bits: 0 for none. @param {number} bits */
export const shadeOf = bits => String(Math.min(SHADES, Math.round(bits * SHADES / MOST)));

/** A piece of text as it is seen: the end of a line has a sign. @param {string} piece */
export const visible = piece => piece.replace(/\n/g, "↵\n");

/**
 * The likeliest tokens at one place with their shares, the one that comes marked.
 * @param {HTMLElement} box
 * @param {string} title
 * @param {Telling | null} shown
 * @param {number} n
 * @param {string} right
 * @param {string[]} vocabulary
 */
function list(box, title, shown, n, right, vocabulary) {
  const lines = !shown ? [] : Array.from({ length: TOP }, (_, k) => {
    const piece = vocabulary[shown.top(n, k)], share = shown.share(n, k);
    const line = make("span", {}, make("cite", { textContent: piece.replace(/\n/g, "↵").replace(/ /g, "␣") }), make("em", { textContent: `${share.toFixed(1)} %` }));
    line.style.setProperty("--ql-share", `${share}%`);
    line.dataset.right = String(piece === right);
    return line;
  });
  box.replaceChildren(make("b", { textContent: title }), ...lines);
}
