// @ts-check
// Marks that a person drags over a picture of the values, by pointer or by keys, before it is shown where they belong: then each
// moves from where it was put to its place.
import { hostIn, make } from "../film.js";
import { glide, part, text } from "./svg.js";

/**
 * @typedef {object} Data
 * @property {string} name what is marked, in words
 * @property {[number, number, number]} axis its ends and its step
 * @property {number[]} counts values in even bars from end to end
 * @property {boolean} mirrored whether a mark has a mirror image at the other side of zero
 * @property {number} count of marks
 * @property {number[] | null} guess
 * @property {number[] | null} truth
 * @property {number[][]} [cloud] where many put theirs, in place of a guess
 */

const W = 640, H = 260, LEFT = 14, RIGHT = 14, TOP = 22, BOTTOM = 40;

/** @type {import("../film.js").Mount} */
export function mount(element, first, options = {}) {
  const host = hostIn(element, "mark");
  let { onPick } = options;
  /** @type {Data} */
  let data = first;
  /** @type {number[]} */
  let marks = [];
  let stop = () => {};

  const span = () => data.axis[1] - data.axis[0];
  const x = (/** @type {number} */ value) => LEFT + (value - data.axis[0]) / span() * (W - LEFT - RIGHT);
  const line = (/** @type {number} */ at) => `M${x(at).toFixed(1)},${TOP}V${H - BOTTOM}`;
  const path = (/** @type {number[]} */ list) => list.map(at => line(at) + (data.mirrored ? line(-at) : "")).join("");
  const low = () => data.mirrored ? 0 : data.axis[0];
  const words = (/** @type {number} */ value) => String(Number(value.toPrecision(3))).replace("-", "\u2212");
  const title = (/** @type {number} */ k) => data.count > 1 ? `${data.name}, mark ${k + 1} of ${data.count}` : data.name;

  const draw = () => {
    const { axis: [, high, step], counts, truth, cloud = [] } = data, most = Math.max(1, ...counts), wide = (W - LEFT - RIGHT) / counts.length;
    const svg = part("svg", { viewBox: `0 0 ${W} ${H}`, role: "group", "aria-label": `${data.name}: ${truth ? "your marks and their places" : "put your marks on the values"}` });
    const bars = counts.map((count, k) => `M${(LEFT + k * wide).toFixed(1)},${H - BOTTOM}v${(-count / most * (H - TOP - BOTTOM)).toFixed(1)}h${wide.toFixed(2)}V${H - BOTTOM}z`);
    svg.append(part("path", { class: "bars", d: bars.join("") }), part("path", { class: "grid", d: `M${LEFT},${H - BOTTOM}H${W - RIGHT}` }));
    for (let value = data.axis[0]; value < high + step / 2; value += step) svg.append(text(x(value), H - BOTTOM + 18, words(value), "middle"));
    svg.append(text(W - RIGHT, H - 4, "value", "end"));
    svg.append(...cloud.map(list => part("path", { class: "cloud", d: path(list) })));
    if (truth) {
      const places = part("path", { class: "truth", d: path(truth) });
      if (!cloud.length) svg.append(part("path", { class: "guess", d: path(marks) }));
      svg.append(places);
      if (!cloud.length) play(places, marks, truth);
    } else if (!cloud.length) {
      svg.append(...marks.map((_, k) => handle(k)));
      hear(/** @type {SVGSVGElement} */ (svg));
    }
    host.replaceChildren(svg, ...truth || cloud.length ? [legend()] : []);
  };

  /** A mark that is dragged, and moved with the arrow keys. @param {number} k */
  const handle = k => {
    const group = part("g", { class: "handle", tabindex: 0, role: "slider", "aria-label": title(k), "aria-valuemin": low(), "aria-valuemax": data.axis[1] });
    group.append(part("path", { class: "reach" }), part("path", { class: "guess" }), part("circle", { class: "guess", r: 7, cy: TOP - 8 }));
    group.addEventListener("keydown", event => {
      const { key, shiftKey } = /** @type {KeyboardEvent} */ (event), small = span() / (shiftKey ? 20 : 200);
      const moved = { ArrowRight: small, ArrowUp: small, ArrowLeft: -small, ArrowDown: -small, PageUp: span() / 20, PageDown: -span() / 20 }[key];
      if (moved === undefined) return;
      event.preventDefault();
      set(k, marks[k] + moved);
      onPick?.(marks);
    });
    place(group, k);
    return group;
  };

  /** @param {Element} group @param {number} k */
  const place = (group, k) => {
    group.setAttribute("aria-valuenow", String(Number(marks[k].toPrecision(3))));
    group.setAttribute("aria-valuetext", words(marks[k]));
    for (const one of group.querySelectorAll("path")) one.setAttribute("d", path([marks[k]]));
    group.querySelector("circle")?.setAttribute("cx", String(x(marks[k])));
  };

  /** @param {number} k @param {number} value */
  const set = (k, value) => {
    marks[k] = Math.min(data.axis[1], Math.max(low(), value));
    const group = host.querySelectorAll("g.handle")[k];
    if (group) place(group, k);
  };

  /** The pointer takes the nearest mark along. @param {SVGSVGElement} svg */
  const hear = svg => {
    let taken = -1;
    const at = (/** @type {PointerEvent} */ event) => {
      const box = svg.getBoundingClientRect(), share = ((event.clientX - box.left) / box.width * W - LEFT) / (W - LEFT - RIGHT);
      const value = data.axis[0] + share * span();
      return data.mirrored ? Math.abs(value) : value;
    };
    svg.onpointerdown = event => {
      svg.setPointerCapture(event.pointerId);
      const value = at(event), apart = marks.map(mark => Math.abs(mark - value));
      taken = apart.indexOf(Math.min(...apart));
      set(taken, value);
    };
    svg.onpointermove = event => { if (taken >= 0) set(taken, at(event)); };
    svg.onpointerup = svg.onpointercancel = () => {
      if (taken >= 0) onPick?.(marks);
      taken = -1;
    };
  };

  /** Moves lines from where they were put to their places. @param {Element} lines @param {number[]} from @param {number[]} to */
  const play = (lines, from, to) => {
    const sorted = from.toSorted((a, b) => a - b);
    stop();
    if (sorted.length === to.length) stop = glide(share => lines.setAttribute("d", path(to.map((value, k) => sorted[k] + (value - sorted[k]) * share))));
  };

  const legend = () => {
    const drawn = data.cloud?.length ? [make("i", { className: "cloud" }), make("span", { textContent: `marks of ${data.cloud.length} in the class` })] : [make("i", { className: "guess" }), make("span", { textContent: "yours" })];
    return make("p", {}, ...drawn, ...data.truth ? [make("i", { className: "truth" }), make("span", { textContent: data.name })] : []);
  };

  /** Where marks stand before anybody moves them: evenly over the picture, or at its end. @param {Data} next */
  const begin = next => next.mirrored ? [next.axis[1] * 0.95] : Array.from({ length: next.count }, (_, k) => next.axis[0] + (k + 1) / (next.count + 1) * (next.axis[1] - next.axis[0]));

  /** @param {Data} next */
  const take = next => {
    const same = next.count === data.count && marks.length === next.count && next.axis.join() === data.axis.join();
    data = next;
    if (next.guess) marks = [...next.guess];
    else if (!same) marks = begin(next);
    draw();
  };
  take(first);
  return {
    update(next, others = options) {
      ({ onPick } = others);
      if (JSON.stringify(next) !== JSON.stringify(data)) take(next);
    },
    destroy() {
      stop();
      host.remove();
    },
  };
}
