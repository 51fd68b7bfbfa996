// @ts-check
// The path of a trace at a level, through axes that plotly laid out: what a chart redraws while the thumb moves.

const FAR = 9999; // pixels: outside of every chart; far outside is as good as further, and infinity is no place
const LEAST = 1e-30; // where a logarithmic axis ends

/** Where a value lies on an axis, in pixels: a·t + b with t the value or its logarithm. @typedef {{log: boolean, a: number, b: number}} Ruler */

/**
 * The ruler of one of plotly's axes.
 * @param {{type: string, l2p: (t: number) => number}} axis
 * @returns {Ruler}
 */
export function rulerOf(axis) {
  const b = axis.l2p(0);
  return { log: axis.type === "log", a: axis.l2p(1) - b, b };
}

/**
 * @param {Ruler} ruler
 * @param {number} value
 * @returns {number} its place in pixels, no further out than FAR
 */
export function place({ log, a, b }, value) {
  return Math.min(Math.max((log ? Math.log10(Math.max(value, LEAST)) : value) * a + b, -FAR), FAR);
}

/**
 * A line through all points, interrupted where y is not a number.
 * @param {ArrayLike<number>} xs
 * @param {ArrayLike<number>} ys
 * @param {Ruler} x
 * @param {Ruler} y
 * @returns {string} the `d` of an SVG path, empty without points
 */
export function linePath(xs, ys, x, y) {
  let path = "", pen = "M";
  for (let k = 0; k < xs.length; k++) {
    if (Number.isNaN(ys[k])) {
      pen = "M";
      continue;
    }
    path += `${pen}${place(x, xs[k]).toFixed(1)},${place(y, ys[k]).toFixed(1)}`;
    pen = "L";
  }
  return path;
}

/**
 * The area between a line and zero (the foot of the chart on a logarithmic axis).
 * @param {string} line
 * @param {ArrayLike<number>} xs
 * @param {Ruler} x
 * @param {Ruler} y
 */
export function areaPath(line, xs, x, y) {
  const floor = y.log ? FAR : place(y, 0);
  return `${line}L${place(x, xs[xs.length - 1]).toFixed(1)},${floor}L${place(x, xs[0]).toFixed(1)},${floor}Z`;
}

/**
 * Where marker number k stands; out of sight where there is no such point.
 * @param {ArrayLike<number>} xs
 * @param {ArrayLike<number>} ys
 * @param {Ruler} x
 * @param {Ruler} y
 * @param {number} k
 * @returns {string} the `transform` of an SVG element
 */
export function markerPlace(xs, ys, x, y, k) {
  return k < xs.length && !Number.isNaN(ys[k]) ? `translate(${place(x, xs[k])},${place(y, ys[k])})` : "translate(-99,-99)";
}
