// @ts-check
// A curve that a person draws over the levels of a slider, by pointer or by keys, before the true one is shown: the truth is then
// laid over it, and a line moves from the guess to the truth.
import { hostIn, make } from "../film.js";
import { glide, part, text } from "./svg.js";

/**
 * @typedef {object} Data
 * @property {string} name what is drawn, in words
 * @property {string[]} labels the levels
 * @property {[number, number, number]} axis its ends and its step
 * @property {string} unit
 * @property {number[] | null} guess
 * @property {(number | null)[] | null} truth
 * @property {number[][]} [cloud] what many drew, in place of a guess
 */

const W = 640, H = 300, LEFT = 56, RIGHT = 12, TOP = 12, BOTTOM = 40;

/** @type {import("../film.js").Mount} */
export function mount(element, first, options = {}) {
  const host = hostIn(element, "draw");
  let { onPick } = options;
  /** @type {Data} */
  let data = first;
  /** @type {number[]} */
  let values = [];
  let stop = () => {};

  const x = (/** @type {number} */ k) => LEFT + (k + 0.5) * (W - LEFT - RIGHT) / data.labels.length;
  const y = (/** @type {number} */ value) => TOP + (data.axis[1] - value) / (data.axis[1] - data.axis[0]) * (H - TOP - BOTTOM);
  const path = (/** @type {(number | null)[]} */ line) => line.map((value, k) => value === null ? "" : `${k && line[k - 1] !== null ? "L" : "M"}${x(k).toFixed(1)},${y(value).toFixed(1)}`).join("");

  const draw = () => {
    const { labels, axis: [low, high, step], unit, truth, cloud = [] } = data, svg = part("svg", { viewBox: `0 0 ${W} ${H}`, role: "img", "aria-label": `${data.name}: ${truth ? "the drawn and the measured curve" : "the curve that you draw"}` });
    for (let value = low; value < high + step / 2; value += step) {
      svg.append(part("path", { class: "grid", d: `M${LEFT},${y(value)}H${W - RIGHT}` }), text(LEFT - 6, y(value) + 4, String(Number(value.toPrecision(6))).replace("-", "\u2212"), "end"));
    }
    labels.forEach((label, k) => { if (k % Math.ceil(labels.length / 16) === 0) svg.append(text(x(k), H - BOTTOM + 19, label, "middle")); });
    svg.append(text(W - RIGHT, H - 4, unit ? `${data.name}, ${unit}` : data.name, "end"));
    svg.append(...cloud.map(line => part("path", { class: "cloud", d: path(line) })));
    if (!cloud.length) svg.append(part("path", { class: "guess", d: path(values) }));
    if (!truth && !cloud.length) values.forEach((value, k) => svg.append(part("circle", { class: "guess", cx: x(k), cy: y(value), r: 4 })));
    if (truth) {
      const line = part("path", { class: "truth", d: path(truth) });
      svg.append(line);
      if (!cloud.length) play(line, values, truth);
    } else if (!cloud.length) hear(/** @type {SVGSVGElement} */ (svg));
    host.replaceChildren(svg, ...truth || cloud.length ? [legend()] : [keys()]);
  };

  /** Moves a line from the guess to the truth. @param {Element} line @param {number[]} from @param {(number | null)[]} to */
  const play = (line, from, to) => {
    stop();
    stop = glide(share => line.setAttribute("d", path(to.map((value, k) => value === null ? null : from[k] + (value - from[k]) * share))));
  };

  /** The pointer sets the level below it, and all that it passes. @param {SVGSVGElement} svg */
  const hear = svg => {
    let last = -1;
    const set = (/** @type {PointerEvent} */ event) => {
      const box = svg.getBoundingClientRect(), count = data.labels.length;
      const k = Math.min(count - 1, Math.max(0, Math.floor(((event.clientX - box.left) / box.width * W - LEFT) / (W - LEFT - RIGHT) * count)));
      const [low, high] = data.axis;
      const value = Math.min(high, Math.max(low, high - ((event.clientY - box.top) / box.height * H - TOP) / (H - TOP - BOTTOM) * (high - low)));
      const from = last < 0 ? k : last, way = Math.sign(k - from) || 1, before = values[from];
      for (let i = from; i !== k + way; i += way) values[i] = k === from ? value : before + (value - before) * (i - from) / (k - from);
      last = k;
      show();
    };
    const show = () => {
      svg.querySelector("path.guess")?.setAttribute("d", path(values));
      svg.querySelectorAll("circle").forEach((dot, k) => dot.setAttribute("cy", String(y(values[k]))));
    };
    svg.onpointerdown = event => {
      svg.setPointerCapture(event.pointerId);
      last = -1;
      set(event);
    };
    svg.onpointermove = event => { if (svg.hasPointerCapture(event.pointerId)) set(event); };
    svg.onpointerup = () => onPick?.(values);
  };

  /** A slider for every level, for who draws with keys. */
  const keys = () => {
    const box = make("details", {}, make("summary", { textContent: "Draw with the keyboard" }));
    const [low, high] = data.axis;
    data.labels.forEach((label, k) => {
      const input = make("input", { type: "range", min: String(low), max: String(high), step: String((high - low) / 100), value: String(values[k]), ariaLabel: `${data.name} at ${label}` });
      input.oninput = () => {
        values[k] = Number(input.value);
        host.querySelector("path.guess")?.setAttribute("d", path(values));
        host.querySelectorAll("circle")[k]?.setAttribute("cy", String(y(values[k])));
      };
      input.onchange = () => onPick?.(values);
      box.append(make("label", {}, make("span", { textContent: label }), input));
    });
    return box;
  };

  const legend = () => {
    const drawn = data.cloud?.length ? [make("i", { className: "cloud" }), make("span", { textContent: `${data.cloud.length} curves of the class` })] : [make("i", { className: "guess" }), make("span", { textContent: "your curve" })];
    return make("p", {}, ...drawn, ...data.truth ? [make("i", { className: "truth" }), make("span", { textContent: "measured" })] : []);
  };

  /** @param {Data} next */
  const take = next => {
    const same = next.labels.join() === data.labels.join() && values.length === next.labels.length;
    data = next;
    if (next.guess) values = [...next.guess];
    else if (!same) values = next.labels.map(() => (next.axis[0] + next.axis[1]) / 2);
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
