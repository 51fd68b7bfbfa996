// @ts-check
// One row of pixels before and after, as luma along the columns in sight; and their mean over nine pixels, which dither keeps.
import { join, repaint } from "../bus.js";
import { film, fit, locate, make } from "../film.js";
import { luma, smooth } from "../picture/luma.js";
import { sideOf, still } from "../picture/sides.js";
import { probeOf } from "../probe.js";

const MARGIN = { left: 52, right: 12, top: 26, bottom: 38 };
const STEPPED = 150; // columns below which pixels are seen as pixels

export const mount = film("row", (host, { header, payload }, options) => {
  const { group, width, height, sides: { quantized: side } } = header, probe = probeOf(group);
  const canvas = host.querySelector("canvas") ?? make("canvas", { role: "img", ariaLabel: "The row of pixels under the pointer, before and after quantization" });
  host.replaceChildren(canvas);
  const again = (/** @type {boolean} */ failed) => failed || repaint(group, host);
  const original = still(locate(header.original, options), again);
  const quantized = sideOf(side, original, payload, options, again);
  let level = -1;

  const draw = () => {
    const before = original.at(level), after = quantized.at(level);
    if (!before || !after) return false;
    const W = host.clientWidth, H = host.clientHeight, context = fit(canvas, W, H);
    if (!context) return true;
    const y = Math.min(probe.row ?? 0, height - 1), from = Math.min(probe.from, width - 2), to = Math.max(from + 2, Math.min(probe.to, width));
    const axes = drawAxes(context, host, W, H, y, from, to), ink = getComputedStyle(host).color, row = luma(after, y, from, to);
    const lines = [
      { name: "quantized", values: row, color: "#D55E00", thick: 1.3, dash: [] },
      { name: "original", values: luma(before, y, from, to), color: "#0072B2", thick: 2, dash: [] },
      { name: "mean of 9 quantized", values: smooth(row), color: ink, thick: 1.6, dash: [5, 3] },
    ];
    let at = MARGIN.left;
    for (const line of lines) at += drawLine(context, axes, line, from, to, at);
    host.dataset.row = String(y);
    return true;
  };
  const hear = () => { if (level >= 0) draw(); };
  probe.hear.add(hear);
  const leave = join(header, host, i => {
    level = i;
    return draw();
  }, options.level);
  const watch = new ResizeObserver(hear);
  watch.observe(host);
  return () => {
    probe.hear.delete(hear);
    watch.disconnect();
    leave();
  };
});

/** @typedef {{X: (column: number) => number, Y: (luma: number) => number}} Axes */

/**
 * @param {CanvasRenderingContext2D} context
 * @param {HTMLElement} host
 * @param {number} W
 * @param {number} H
 * @param {number} row
 * @param {number} from
 * @param {number} to
 * @returns {Axes}
 */
function drawAxes(context, host, W, H, row, from, to) {
  const { left, right, top, bottom } = MARGIN, { color, fontFamily } = getComputedStyle(host);
  const X = (/** @type {number} */ x) => left + (x - from) / (to - from) * (W - left - right);
  const Y = (/** @type {number} */ v) => H - bottom - v / 255 * (H - top - bottom);
  context.font = `12px ${fontFamily}`;
  context.fillStyle = color;
  for (const v of [0, 64, 128, 192, 255]) {
    context.globalAlpha = 0.22;
    context.fillRect(left, Math.round(Y(v)), W - left - right, 1);
    context.globalAlpha = 1;
    context.textAlign = "right";
    context.fillText(String(v), left - 6, Y(v) + 4);
  }
  context.textAlign = "center";
  const step = [1, 2, 5, 10, 20, 50, 100, 200].find(s => (to - from) / s <= 8) ?? 500;
  for (let x = Math.ceil(from / step) * step; x < to; x += step) context.fillText(String(x), X(x + 0.5), H - 20);
  context.fillText(`column of pixels, in row ${row}`, (left + W - right) / 2, H - 4);
  return { X, Y };
}

/**
 * A line and its name above the chart.
 * @param {CanvasRenderingContext2D} context
 * @param {Axes} axes
 * @param {{name: string, values: Float32Array, color: string, thick: number, dash: number[]}} line
 * @param {number} from
 * @param {number} to
 * @param {number} at where the name begins
 * @returns {number} the room that the name takes
 */
function drawLine(context, { X, Y }, { name, values, color, thick, dash }, from, to, at) {
  context.textAlign = "left";
  context.strokeStyle = color;
  context.lineWidth = thick;
  context.setLineDash(dash);
  context.beginPath();
  const stepped = !dash.length && to - from < STEPPED;
  values.forEach((v, i) => {
    context.lineTo(X(from + i + (stepped ? 0 : 0.5)), Y(v));
    if (stepped) context.lineTo(X(from + i + 1), Y(v));
  });
  context.stroke();
  context.beginPath();
  context.moveTo(at, 12);
  context.lineTo(at + 22, 12);
  context.stroke();
  context.setLineDash([]);
  context.fillText(name, at + 27, 16);
  return 36 + context.measureText(name).width;
}
