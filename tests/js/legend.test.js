// @ts-check
// Does a chart whose legend takes many rows grow by them, so that its plot stays as high?
import assert from "node:assert/strict";
import test from "node:test";

const LETTER = 6; // pixels
const measureText = (/** @type {string} */ text) => ({ width: LETTER * text.length, actualBoundingBoxLeft: 0, actualBoundingBoxRight: 0, fontBoundingBoxAscent: 9, fontBoundingBoxDescent: 3 });
Object.assign(globalThis, { document: { createElement: () => ({ getContext: () => ({ measureText }) }) } });
const { growth } = await import("../../quantlab/film/web/plot/sketch.js");

const LAYOUT = { font: { size: 12, family: "sans-serif" }, margin: { l: 52, r: 12 } };
const ROW = 19;
/** @param {string[]} names @param {number} width */
const grown = (names, width) => growth({ data: names.map(name => ({ name })), layout: LAYOUT }, names.map(() => ({ most: 1 })), width);

test("a chart that is wide enough for its legend stays as it is", () => {
  assert.equal(grown(["original", "quantized"], 390), 0);
  assert.equal(grown(Array(8).fill("Round to nearest"), 1280), 0);
  assert.equal(grown([], 390), 0);
});

test("a row beyond the second makes it taller by a row, however narrow it is", () => {
  assert.equal(grown(Array(8).fill("Round to nearest"), 390), 2 * ROW); // two of 136 pixels beside each other in 326: four rows
  assert.equal(grown(Array(8).fill("Formats of four bits and more"), 390), 6 * ROW);
  assert.equal(grown(Array(3).fill("Round to nearest"), 200), ROW);
});

test("what the legend does not name takes no row", () => {
  const names = Array(8).fill("Round to nearest"), data = names.map((name, k) => ({ name, showlegend: k < 2 }));
  assert.equal(growth({ data, layout: LAYOUT }, names.map(() => ({ most: 1 })), 390), 0);
  assert.equal(growth({ data: names.map(name => ({ name })), layout: LAYOUT }, names.map((_, k) => ({ most: k < 2 ? 1 : 0 })), 390), 0);
});
