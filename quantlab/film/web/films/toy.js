// @ts-check
// A network of two inputs in three states: float, rounded after training, and learning with rounding while one watches. The
// ground is coloured by the side that the network gives each place. The first two are computed once for every level; the third
// learns here, in this browser, whenever the thumb comes to another level or a person presses the button.
import { join } from "../bus.js";
import { film, fit, make } from "../film.js";
import { forward, learner, shareRight } from "../toy/learn.js";

const GRID = 44; // places of the ground along each side
const REACH = 1.25; // of the axes
const PER_FRAME = 4; // steps of training between two pictures
const SIDES = ["#0072B2", "#D55E00"];

/** @typedef {import("../toy/learn.js").Net} Net */

const percent = (/** @type {number} */ share) => share === 1 ? "100\u00a0%" : `${Math.min(99.9, 100 * share).toFixed(1)}\u00a0%`;

export const mount = film("toy", (host, { header }, { level }) => {
  const points = { xy: Float64Array.from(header.xy.flat()), side: Float64Array.from(header.side) };
  const places = Float64Array.from({ length: 2 * GRID * GRID }, (_, i) => {
    const at = i >> 1, k = i % 2 ? Math.floor(at / GRID) : at % GRID;
    return REACH * (i % 2 ? 1 - 2 * (k + 0.5) / GRID : 2 * (k + 0.5) / GRID - 1);
  });
  /** @type {Net} */
  const exact = { weights: header.weights.map((/** @type {number[][]} */ w) => Float64Array.from(w.flat())), biases: header.biases.map((/** @type {number[]} */ b) => Float64Array.from(b)), steps: [] };
  const panels = ["Float", "Rounded after training", "Trained with rounding"].map(title => {
    const canvas = make("canvas", { role: "img", ariaLabel: `${title}: the plane coloured by the network's side, and the points` }), share = make("b");
    return { canvas, share, element: make("figure", {}, make("figcaption", {}, title, share), canvas) };
  });
  const play = make("button", { type: "button" }), again = make("button", { type: "button", textContent: "Begin again" }), said = make("span");
  said.setAttribute("aria-live", "off");
  const status = make("div", {}, play, again, said);
  host.replaceChildren(make("div", { className: "ql-toy-panels" }, ...panels.map(panel => panel.element)), status);

  let bits = 0, frame = 0, running = false, loss = 0;
  /** @type {ReturnType<typeof learner> | null} */
  let student = null;

  const paint = (/** @type {number} */ k, /** @type {Net} */ net, /** @type {number | null} */ width) => {
    const { canvas, share } = panels[k], side = canvas.clientWidth, context = fit(canvas, side, side);
    share.textContent = percent(shareRight(net, points, width));
    if (!context) return;
    const cell = side / GRID;
    forward(net, places, width).logits.forEach((z, i) => {
      context.fillStyle = SIDES[Number(z > 0)];
      context.globalAlpha = 0.12 + 0.28 * Math.min(1, Math.abs(z) / 4);
      const x = i % GRID, y = Math.floor(i / GRID), left = Math.round(x * cell), top = Math.round(y * cell);
      context.fillRect(left, top, Math.round((x + 1) * cell) - left, Math.round((y + 1) * cell) - top);
    });
    context.globalAlpha = 1;
    const style = getComputedStyle(host), ground = style.getPropertyValue("--st-background-color") || "#fff";
    const answers = forward(net, points.xy, width).logits, size = Math.max(2.2, side / 110);
    points.side.forEach((truth, n) => {
      const x = side * (0.5 + points.xy[2 * n] / REACH / 2), y = side * (0.5 - points.xy[2 * n + 1] / REACH / 2), wrong = answers[n] > 0 !== (truth === 1);
      context.fillStyle = SIDES[truth];
      context.strokeStyle = wrong ? style.color : ground;
      context.lineWidth = wrong ? 2 : 0.8;
      context.beginPath();
      if (truth) context.rect(x - size * 0.9, y - size * 0.9, 1.8 * size, 1.8 * size);
      else context.arc(x, y, size, 0, 7);
      context.fill();
      context.stroke();
    });
  };
  const say = () => {
    play.textContent = running ? "Pause" : student && student.done >= header.most ? "Learn on" : "Learn";
    said.textContent = student ? `step ${student.done}${student.done ? `, loss ${loss.toFixed(3)}` : ""}` : "";
    host.dataset.done = String(student?.done ?? 0);
  };
  const show = () => {
    if (student) paint(2, student.net(), bits);
    say();
  };
  const stop = () => {
    cancelAnimationFrame(frame);
    running = false;
  };
  const run = () => {
    if (!student) return;
    for (let k = 0; k < PER_FRAME; k++) loss = student.step();
    if (student.done % header.most === 0) running = false;
    show();
    if (running) frame = requestAnimationFrame(run);
  };
  const begin = (/** @type {boolean} */ go) => {
    stop();
    const index = header.labels.indexOf(String(bits));
    student = learner({ ...exact, steps: header.steps[index] }, points, bits, header.adam);
    running = go;
    show();
    if (go) frame = requestAnimationFrame(run);
  };
  const all = () => {
    if (!bits) return;
    paint(0, exact, null);
    paint(1, { ...exact, steps: header.steps[header.labels.indexOf(String(bits))] }, bits);
    show();
  };
  play.addEventListener("click", () => {
    if (running) stop();
    else {
      running = true;
      frame = requestAnimationFrame(run);
    }
    say();
  });
  again.addEventListener("click", () => begin(true));
  const leave = join(header, host, i => {
    const next = Number(header.labels[i]), other = next !== bits;
    bits = next;
    if (other) begin(true);
    all();
  }, level);
  const watch = new ResizeObserver(all);
  watch.observe(host);
  return () => {
    stop();
    watch.disconnect();
    leave();
  };
});
