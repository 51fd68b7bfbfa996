// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { errorOf, samplesOf, upsample } from "../../quantlab/film/web/sound/samples.js";
import { nearest } from "../../quantlab/film/web/sound/shipment.js";

const LEVEL = { scale: 0.1, shift: 0, first: 0, step: 0, flac: /** @type {[number, number]} */ ([0, 0]), gain: 1, error_gain: 1 };
const PLAIN = { factor: 1, taps: [1], length: 3 };
/** Codes as a decoder of 16 bits gives them. @param {number[]} numbers */
const decoded = (...numbers) => new Float32Array(numbers.map(n => n / 32768));

test("a code times the scale is rounded to float32, then shifted", () => {
  const [out] = samplesOf(PLAIN, { ...LEVEL, shift: 0.5 }, undefined, [decoded(-3, 0, 7)], null);
  assert.deepEqual([...out], [Math.fround(Math.fround(-0.3) + 0.5), 0.5, Math.fround(Math.fround(7 * 0.1) + 0.5)]);
});

test("a codebook is looked up from its first code on", () => {
  const [out] = samplesOf(PLAIN, { ...LEVEL, first: -1 }, new Float32Array([-0.75, 0, 0.25]), [decoded(1, -1, 0)], null);
  assert.deepEqual([...out], [0.25, -0.75, 0]);
});

test("subtractive dither takes its noise out again", () => {
  const noise = [decoded(0, 127, -128)];
  const [out] = samplesOf(PLAIN, { ...LEVEL, scale: 1, step: 1 }, undefined, [decoded(4, 4, 4)], noise);
  assert.deepEqual([...out], [4 - 0.5 / 256, 4 - 127.5 / 256, 4 + 127.5 / 256].map(Math.fround));
});

test("upsampling puts low[m] at factor times m, spread by the taps", () => {
  assert.deepEqual([...upsample(new Float32Array([1, 2, 4]), { factor: 2, taps: [0.5, 1, 0.5], length: 6 })], [1, 1.5, 2, 3, 4, 2]);
});

test("the error is what is heard minus the original", () => {
  assert.deepEqual([...errorOf([new Float32Array([1, 2])], [new Float32Array([0.5, 3])])[0]], [0.5, -1]);
});

test("the level nearest to the wanted one is decoded first", () => {
  assert.equal(nearest([0, 5, 9], 6), 5);
  assert.equal(nearest([0, 5, 9], 8), 9);
});
