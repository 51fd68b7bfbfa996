// @ts-check
// The moving traces of a plot's film: arrays stored once each, and for every trace where its levels' arrays lie.

/**
 * A trace that moves: [start, length] of x and y at every level, or at all levels where there is one.
 * @typedef {{trace: number, x: [number, number][], y: [number, number][]}} Track
 */

/**
 * @param {Float32Array} floats
 * @param {Track} track
 * @param {"x" | "y"} axis
 * @param {number} level
 * @returns {Float32Array}
 */
export function arrayOf(floats, track, axis, level) {
  const places = track[axis], [start, length] = places[places.length === 1 ? 0 : level];
  return floats.subarray(start, start + length);
}

/**
 * What plotly is told of an array. It leaves a trace without points out of the legend, and the chart would jump as the thumb
 * moves: a trace that has points at another level gets one that lies nowhere.
 * @param {Float32Array} floats
 * @param {Track} track
 * @param {"x" | "y"} axis
 * @param {number} level
 * @returns {(number | null)[]}
 */
function toldOf(floats, track, axis, level) {
  const told = [...arrayOf(floats, track, axis, level)];
  return told.length || !track[axis].some(([, length]) => length) ? told : [null];
}

/**
 * Plotly's traces at a level; each is known by its uid in what plotly draws.
 * @param {any[]} data the figure's traces
 * @param {Float32Array} floats
 * @param {Track[]} tracks
 * @param {number} level
 */
export function tracesAt(data, floats, tracks, level) {
  return data.map((trace, k) => {
    const track = tracks.find(t => t.trace === k), named = { ...trace, uid: uid(k) };
    return track ? { ...named, x: toldOf(floats, track, "x", level), y: toldOf(floats, track, "y", level) } : named;
  });
}

/**
 * What plotly is told to show the moving traces at a level: the arguments of its `restyle`.
 * @param {Float32Array} floats
 * @param {Track[]} tracks
 * @param {number} level
 * @returns {[{x: (number | null)[][], y: (number | null)[][]}, number[]]}
 */
export function restyle(floats, tracks, level) {
  const all = (/** @type {"x" | "y"} */ axis) => tracks.map(track => toldOf(floats, track, axis, level));
  return [{ x: all("x"), y: all("y") }, tracks.map(track => track.trace)];
}

/** @param {number} trace */
export const uid = trace => `ql${trace}`;
