// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { outline, dashes } from "../../quantlab/film/web/plot/symbols.js";
import { ticksOf } from "../../quantlab/film/web/plot/ticks.js";

/** @param {any} axis @param {boolean} upright @param {number} pixels */
const texts = (axis, upright = false, pixels = 470) => ticksOf(axis, upright, pixels).map(({ text, raised }) => text + (raised && `^${raised}`));

test("ticks of a linear axis are 2, 5 or 10 times a power of ten apart, as many as there is room for", () => {
  assert.deepEqual(texts({ range: [-0.7, 0.6] }), ["−0.6", "−0.4", "−0.2", "0", "0.2", "0.4", "0.6"]);
  assert.deepEqual(texts({ range: [0, 2] }, false, 1152), ["0", "0.5", "1", "1.5", "2"]);
  assert.deepEqual(texts({ range: [0, 103], dtick: 20 }, true, 200), ["0", "20", "40", "60", "80", "100"]);
  assert.deepEqual(texts({ range: [1.6, 8.4], dtick: 2, tick0: 1 }), ["3", "5", "7"]);
});

test("large and small numbers are said in thousands and millionths", () => {
  assert.deepEqual(texts({ range: [0, 40000] }), ["0", "10k", "20k", "30k", "40k"]);
  assert.deepEqual(texts({ range: [0, 2e-5] }), ["0", "5μ", "10μ", "15μ", "20μ"]);
});

test("a logarithmic axis has a tick a decade, in powers where that is asked for", () => {
  assert.deepEqual(texts({ type: "log", range: [-0.7, 5.1], dtick: 1 }, true), ["1", "10", "100", "1000", "10k", "100k"]);
  assert.deepEqual(texts({ type: "log", range: [-6.5, 0], exponentformat: "power" }), ["10^−6", "10^−5", "10^−4", "10^−3", "10^−2", "10^−1", "1"]);
});

test("a short logarithmic axis has digits between its decades", () => {
  assert.deepEqual(texts({ type: "log", range: [0, 2.5] }), ["1", "2", "5", "10", "2", "5", "100", "2"]);
  assert.deepEqual(texts({ type: "log", range: [1, 1.5] }), ["10", "15", "20", "25", "30"]);
});

test("given ticks say their texts, those outside are left out", () => {
  assert.deepEqual(texts({ type: "log", range: [1.5, 3], tickvals: [20, 50, 1000], ticktext: ["20", "50", "1k"] }), ["50", "1k"]);
  assert.deepEqual(texts({ range: [2.6, -0.6], tickvals: [0, 1, 2, 3], ticktext: ["a", "b", "c", "d"] }, true), ["a", "b", "c"]);
});

test("markers and dashes are as large as plotly's", () => {
  assert.equal(outline("diamond", 9), "M5.8500000000000005,0L0,5.8500000000000005L-5.8500000000000005,0L0,-5.8500000000000005Z");
  assert.equal(outline("circle-open", 8), outline("circle", 8));
  assert.deepEqual([dashes("dash", 1.2), dashes("dot", 4), dashes("solid", 2)], ["9px,9px", "4px,4px", ""]);
});
