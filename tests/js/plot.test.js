// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { areaPath, linePath, markerPlace, place, rulerOf } from "../../quantlab/film/web/plot/paths.js";
import { arrayOf, restyle, tracesAt } from "../../quantlab/film/web/plot/tracks.js";

const X = rulerOf({ type: "linear", l2p: t => 10 * t + 5 }); // 10 pixels a unit, zero at 5
const Y = rulerOf({ type: "log", l2p: t => 200 - 50 * t }); // 50 pixels a decade, one at 200
const floats = (/** @type {number[]} */ ...values) => new Float32Array(values);

test("values lie where plotly's axes put them", () => {
  assert.equal(place(X, 3), 35);
  assert.equal(place(Y, 100), 100);
});

test("what is infinite, or zero on a logarithmic axis, is a place outside of the chart", () => {
  assert.equal(place(X, Infinity), 9999);
  assert.equal(place(X, -Infinity), -9999);
  assert.equal(place(Y, 0), 1700); // 200 + 50 * 30
});

test("a line is interrupted where there is no number", () => {
  assert.equal(linePath(floats(0, 1, 2, 3), floats(1, NaN, 10, 100), X, Y), "M5.0,200.0M25.0,150.0L35.0,100.0");
  assert.equal(linePath(floats(), floats(), X, Y), "");
});

test("an area reaches down to zero, or to the foot of a logarithmic chart", () => {
  const xs = floats(0, 2);
  assert.equal(areaPath("M5.0,10.0L25.0,20.0", xs, X, X), "M5.0,10.0L25.0,20.0L25.0,5L5.0,5Z");
  assert.equal(areaPath("M5.0,10.0L25.0,20.0", xs, X, Y), "M5.0,10.0L25.0,20.0L25.0,9999L5.0,9999Z");
});

test("a marker without a point is out of sight", () => {
  const xs = floats(1, 2), ys = floats(1, NaN);
  assert.deepEqual([0, 1, 2].map(k => markerPlace(xs, ys, X, Y, k)), ["translate(15,200)", "translate(-99,-99)", "translate(-99,-99)"]);
});

/** Trace 1 moves in y over two levels; its x is the same at both. */
const FLOATS = floats(0, 1, 10, 11, 20, 21);
/** @type {import("../../quantlab/film/web/plot/tracks.js").Track} */
const TRACK = { trace: 1, x: [[0, 2]], y: [[2, 2], [4, 2]] };

test("an axis that stays is stored once", () => {
  assert.deepEqual([...arrayOf(FLOATS, TRACK, "x", 1)], [0, 1]);
  assert.deepEqual([...arrayOf(FLOATS, TRACK, "y", 1)], [20, 21]);
});

test("a trace without points at a level keeps its place in plotly's legend if it has some at another", () => {
  /** @type {import("../../quantlab/film/web/plot/tracks.js").Track} */
  const sometimes = { trace: 0, x: [[0, 2], [0, 0]], y: [[2, 2], [0, 0]] };
  /** @type {import("../../quantlab/film/web/plot/tracks.js").Track} */
  const never = { trace: 0, x: [[0, 0]], y: [[0, 0]] };
  assert.deepEqual(restyle(FLOATS, [sometimes], 1), [{ x: [[null]], y: [[null]] }, [0]]);
  assert.deepEqual(restyle(FLOATS, [never], 0), [{ x: [[]], y: [[]] }, [0]]);
  assert.deepEqual(tracesAt([{ name: "some" }], FLOATS, [sometimes], 1), [{ name: "some", x: [null], y: [null], uid: "ql0" }]);
});

test("plotly is given the level at hand, and is told of another by restyle", () => {
  const figure = [{ name: "still", x: [5], y: [6] }, { name: "moves" }];
  assert.deepEqual(tracesAt(figure, FLOATS, [TRACK], 0), [
    { name: "still", x: [5], y: [6], uid: "ql0" },
    { name: "moves", x: [0, 1], y: [10, 11], uid: "ql1" },
  ]);
  assert.deepEqual(restyle(FLOATS, [TRACK], 1), [{ x: [[0, 1]], y: [[20, 21]] }, [1]]);
});
