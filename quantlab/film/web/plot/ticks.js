// @ts-check
// Where the ticks of an axis stand and what they say, by the rules of plotly, so that a chart looks the same before and after
// plotly draws it. `at` is the place on the axis: the value, of a logarithmic axis its exponent.

/**
 * An axis of a figure, in plotly's words.
 * @typedef {object} Axis
 * @property {string} [type]
 * @property {[number, number]} range of a logarithmic axis exponents
 * @property {[number, number]} [domain]
 * @property {number} [dtick]
 * @property {number} [tick0]
 * @property {number} [nticks]
 * @property {number[]} [tickvals]
 * @property {string[]} [ticktext]
 * @property {string} [exponentformat]
 */

/** @typedef {{at: number, text: string, raised: string, scale: number, dx: number, dy: number}} Tick raised: an exponent; scale, dx, dy: in sizes of the font */

const MINUS = "−";
const STEPS = [2, 5, 10];
const PREFIXES = ["f", "p", "n", "μ", "m", "", "k", "M", "G", "T"];
const SLACK = 1e-4; // of the range: a tick at its very end is shown

const exponentOf = (/** @type {number} */ value) => Math.floor(Math.log10(value) + 0.01);
const signed = (/** @type {number} */ exponent) => (exponent < 0 ? MINUS : "") + Math.abs(exponent);
/** @returns {Tick} */
const tick = (/** @type {number} */ at, /** @type {string} */ text, /** @type {Partial<Tick>} */ more = {}) => ({ at, text, raised: "", scale: 1, dx: 0, dy: 0, ...more });

/**
 * @param {Axis} axis
 * @param {boolean} upright
 * @param {number} pixels the axis's length
 * @returns {Tick[]}
 */
export function ticksOf(axis, upright, pixels) {
  const [first, last] = axis.range, low = Math.min(first, last), high = Math.max(first, last), slack = SLACK * (high - low);
  return allTicks(axis, low - slack, high + slack, upright, pixels).filter(({ at }) => at >= low - slack && at <= high + slack);
}

/** @param {Axis} axis @param {number} low @param {number} high @param {boolean} upright @param {number} pixels @returns {Tick[]} */
function allTicks(axis, low, high, upright, pixels) {
  const log = axis.type === "log", { tickvals, ticktext } = axis;
  if (tickvals) return tickvals.map((value, k) => tick(log ? Math.log10(value) : value, ticktext?.[k] ?? String(value)));
  const count = axis.nticks ?? Math.min(Math.max(pixels / (upright ? 40 : 80), 4), 9) + 1, rough = Math.abs(axis.range[1] - axis.range[0]) / count;
  if (!log) {
    const step = axis.dtick ?? rounded(rough);
    return multiples(step, low, high, axis.tick0).map(at => tick(at, number(at, step, axis, Math.max(Math.abs(axis.range[0]), Math.abs(axis.range[1])))));
  }
  if (axis.dtick || rough > 0.7) return multiples(axis.dtick ?? Math.ceil(rough), low, high).map(at => decade(at, axis));
  if (high - low < 1) {
    const step = rounded((10 ** high - 10 ** low) * rough / (1.5 * (high - low))), most = 10 ** Math.max(...axis.range);
    return multiples(step, 10 ** low, 10 ** high).map(value => tick(Math.log10(value), number(value, step, axis, most)));
  }
  return digits(rough > 0.3 ? [1, 2, 5] : [1, 2, 3, 4, 5, 6, 7, 8, 9], low, high, axis, upright);
}

/** Decades, and digits between them in smaller type. @param {number[]} shown @param {number} low @param {number} high @param {Axis} axis @param {boolean} upright */
function digits(shown, low, high, axis, upright) {
  const ticks = [];
  for (let k = Math.floor(low); k <= high; k++) {
    for (const digit of shown) {
      const at = k + Math.log10(digit), every = shown.length > 3;
      if (digit > 1) ticks.push(tick(at, String(digit), { scale: 0.75 }));
      else if (!every) ticks.push(decade(at, axis));
      else ticks.push({ ...decade(at, axis), ...upright ? { dx: -0.25, dy: -1 / 6 } : { dx: at < 0 ? 0.5 : 0.25, dy: 0.5 } });
    }
  }
  return ticks;
}

/** A power of ten. @param {number} exponent @param {Axis} axis */
function decade(exponent, { exponentformat }) {
  const p = Math.round(exponent);
  if (exponentformat !== "power") return tick(exponent, number(10 ** exponent, 10 ** (exponentOf(10 ** exponent) - 4), {}, 10 ** exponent));
  return p === 0 || p === 1 ? tick(exponent, String(10 ** p), { scale: 1.25 }) : tick(exponent, "10", { scale: 1.25, raised: signed(p) });
}

/** @param {number} step @param {number} low @param {number} high @param {number} [from] */
function multiples(step, low, high, from = 0) {
  const first = Math.ceil((low - from) / step), found = [];
  for (let k = first; k * step + from <= high; k++) found.push(k * step + from);
  return found;
}

/** The next larger of 2, 5, 10 times a power of ten. @param {number} rough */
function rounded(rough) {
  const base = 10 ** Math.floor(Math.log(rough) / Math.LN10);
  return base * (STEPS.find(step => step > rough / base) ?? 10);
}

/**
 * A value on an axis that reaches to `most` in steps of `step`, in thousands, millions, ... where it is large.
 * @param {number} value @param {number} step @param {{exponentformat?: string}} axis @param {number} most
 */
function number(value, step, { exponentformat }, most) {
  const reach = exponentOf(most), decimals = 2 - exponentOf(step), power = exponentformat === "power" || reach > 14 || reach < -15;
  const exponent = Math.abs(reach) <= 3 ? 0 : power ? reach : 3 * Math.round((reach - 1) / 3);
  const size = Math.abs(value);
  if (size < 10 ** -decimals / 2) return "0";
  const places = decimals + exponent, mantissa = size / 10 ** exponent;
  const text = places > 0 ? mantissa.toFixed(Math.min(places, 20)).replace(/\.?0+$/, "") : String(Math.round(mantissa * 10 ** places) / 10 ** places);
  const unit = !exponent ? "" : power ? `×10^${signed(exponent)}` : exponent === 9 ? "B" : PREFIXES[exponent / 3 + 5];
  return (value < 0 ? MINUS : "") + text + unit;
}
