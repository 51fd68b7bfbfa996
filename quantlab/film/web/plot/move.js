// @ts-check
// The moving traces of a chart, whoever drew it: their paths are written anew at every level.
import { areaPath, linePath, markerPlace } from "./paths.js";
import { arrayOf } from "./tracks.js";

/** @typedef {import("./tracks.js").Track} Track */
/** @typedef {import("./paths.js").Ruler} Ruler */
/** @typedef {{track: Track, lines: NodeListOf<Element>, fill: Element | null, points: NodeListOf<Element>, x: Ruler, y: Ruler}} Drawn a trace that moves */

/**
 * What moves in the element of a trace.
 * @param {Track} track
 * @param {Element} group
 * @param {Ruler} x
 * @param {Ruler} y
 * @returns {Drawn}
 */
export const drawnIn = (track, group, x, y) => ({
  track,
  lines: group.querySelectorAll("path.js-line"),
  fill: group.querySelector("path.js-fill"),
  points: group.querySelectorAll("path.point"),
  x,
  y,
});

/**
 * @param {Drawn[]} traces
 * @param {Float32Array} floats
 * @param {number} level
 */
export function move(traces, floats, level) {
  for (const { track, lines, fill, points, x, y } of traces) {
    const xs = arrayOf(floats, track, "x", level), ys = arrayOf(floats, track, "y", level);
    if (points.length) {
      points.forEach((point, k) => point.setAttribute("transform", markerPlace(xs, ys, x, y, k)));
      continue;
    }
    const path = linePath(xs, ys, x, y) || "M0,0";
    lines.forEach((line, k) => line.setAttribute("d", k ? "M0,0" : path)); // plotly makes a path a gap; the first takes all
    if (fill && xs.length) fill.setAttribute("d", areaPath(path, xs, x, y));
  }
}
