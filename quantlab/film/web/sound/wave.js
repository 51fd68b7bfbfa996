// @ts-check
// A waveform on a canvas: whole, as the span of each column of pixels; near, as what it is: samples, a stem each.
import { fit } from "../film.js";

const STEM = 5; // pixels a sample needs for its stem to stand free
export const COLORS = { original: "#0072B2", quantized: "#D55E00", error: "#CC79A7" };

/** @typedef {{from: number, to: number, top: number}} View samples in sight, and the value at the upper edge */
/** @typedef {{samples: Float32Array, gain: number, color: string, alpha: number, line: boolean}} Layer */
/** @typedef {(value: number) => number} Axis */
/** @typedef {CanvasRenderingContext2D} Brush */

/**
 * @param {HTMLCanvasElement} canvas
 * @param {View} view
 * @param {Layer[]} layers
 * @param {number[]} lines values of levels to rule, if they lie far enough apart
 * @param {number} rate in Hz
 */
export function drawWave(canvas, view, layers, lines, rate) {
  const width = canvas.clientWidth, height = canvas.clientHeight, g = fit(canvas, width, height);
  if (!g) return;
  const foot = 16, middle = (height - foot) / 2, ink = getComputedStyle(canvas).color;
  /** @type {Axis} */
  const y = v => middle - Math.max(-1, Math.min(1, v / view.top)) * (middle - 2);
  /** @type {Axis} */
  const x = k => ((k - view.from) / (view.to - view.from)) * width;
  rule(g, width, y, lines.filter(v => Math.abs(v) < view.top), middle, ink);
  for (const layer of layers) {
    g.globalAlpha = layer.alpha;
    g.strokeStyle = g.fillStyle = layer.color;
    g.lineWidth = 1.4;
    const each = width / (view.to - view.from);
    if (each < 1) spans(g, layer, view, y, width);
    else if (layer.line) line(g, layer, view, x, y);
    else stems(g, layer, view, x, y, each);
  }
  g.globalAlpha = 1;
  scale(g, view, width, height, rate, ink, getComputedStyle(canvas).getPropertyValue("--st-background-color"));
}

/** @param {Brush} g @param {number} width @param {Axis} y @param {number[]} lines @param {number} middle @param {string} ink */
function rule(g, width, y, lines, middle, ink) {
  g.strokeStyle = ink;
  g.lineWidth = 1;
  g.globalAlpha = 0.25;
  g.beginPath();
  g.moveTo(0, middle);
  g.lineTo(width, middle);
  const gaps = lines.slice(1).map((v, k) => Math.abs(y(v) - y(lines[k])));
  if (Math.min(...gaps) >= 7) { // of no gap the least is infinite
    for (const v of lines) {
      g.moveTo(0, y(v));
      g.lineTo(width, y(v));
    }
  }
  g.stroke();
}

/** @param {Brush} g @param {Layer} layer @param {View} view @param {Axis} y @param {number} width */
function spans(g, { samples, gain }, { from, to }, y, width) {
  const step = (to - from) / width;
  g.beginPath();
  for (let px = 0; px < width; px++) {
    const end = Math.min(samples.length, Math.max(Math.ceil(from + (px + 1) * step), Math.floor(from + px * step) + 1));
    let low = Infinity, high = -Infinity;
    for (let k = Math.max(0, Math.floor(from + px * step)); k < end; k++) {
      if (samples[k] < low) low = samples[k];
      if (samples[k] > high) high = samples[k];
    }
    if (low > high) continue;
    const top = y(high * gain);
    g.rect(px, top, 1, Math.max(1, y(low * gain) - top));
  }
  g.fill();
}

/** @param {Brush} g @param {Layer} layer @param {View} view @param {Axis} x @param {Axis} y */
function line(g, { samples, gain }, { from, to }, x, y) {
  g.beginPath();
  for (let k = Math.max(0, Math.floor(from)); k < Math.min(samples.length, to + 1); k++) g.lineTo(x(k + 0.5), y(samples[k] * gain));
  g.stroke();
}

/** @param {Brush} g @param {Layer} layer @param {View} view @param {Axis} x @param {Axis} y @param {number} each pixels a sample */
function stems(g, { samples, gain }, { from, to }, x, y, each) {
  const first = Math.max(0, Math.floor(from)), end = Math.min(samples.length, Math.ceil(to) + 1), { globalAlpha } = g;
  if (each < STEM) g.globalAlpha *= 0.25; // where stems would be a wall, their tops show
  g.beginPath();
  for (let k = first; k < end; k++) {
    g.moveTo(x(k + 0.5), y(0));
    g.lineTo(x(k + 0.5), y(samples[k] * gain));
  }
  g.stroke();
  g.globalAlpha = globalAlpha;
  g.beginPath();
  for (let k = first; k < end; k++) {
    const px = x(k + 0.5), py = y(samples[k] * gain), r = Math.max(1, Math.min(3.5, each / 3));
    g.moveTo(px + r, py);
    g.arc(px, py, r, 0, 7);
  }
  g.fill();
}

/**
 * Times below and the value of the upper edge.
 * @param {Brush} g @param {View} view @param {number} width @param {number} height @param {number} rate @param {string} ink @param {string} paper
 */
function scale(g, { from, to, top }, width, height, rate, ink, paper) {
  const seconds = (to - from) / rate, wish = seconds / Math.max(2, width / 130), unit = 10 ** Math.floor(Math.log10(wish));
  const step = ([1, 2, 5].find(m => m * unit >= wish) ?? 10) * unit;
  g.fillStyle = ink;
  g.globalAlpha = 0.75;
  g.font = "11px sans-serif";
  g.textAlign = "center";
  const milli = step < 0.05, digits = Math.max(0, -Math.floor(Math.log10(step * (milli ? 1000 : 1)) + 1e-9));
  for (let t = Math.ceil(from / rate / step) * step; t <= to / rate; t += step) {
    const px = ((t * rate - from) / (to - from)) * width;
    if (px > 30 && px < width - 30) g.fillText(milli ? `${(t * 1000).toFixed(digits)} ms` : `${t.toFixed(digits)} s`, px, height - 3);
  }
  g.textAlign = "left";
  const said = `±${top.toPrecision(2)}`;
  g.globalAlpha = 0.9;
  g.lineWidth = 4;
  g.strokeStyle = paper;
  g.strokeText(said, 6, 12);
  g.fillText(said, 6, 12);
  g.globalAlpha = 1;
}
