// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { smooth } from "../../quantlab/film/web/picture/luma.js";
import { Place } from "../../quantlab/film/web/picture/place.js";
import { outwards } from "../../quantlab/film/web/picture/sides.js";
import { lookUp, signedError } from "../../quantlab/film/web/picture/tables.js";

test("a level's table is applied to all channels, or one to each", () => {
  const from = new Uint8ClampedArray([1, 2, 3, 255]), to = new Uint8ClampedArray(4);
  const grey = new Uint8Array(512).map((_, k) => k < 256 ? k : 255 - (k - 256)); // level 0 as it is, level 1 inverted
  lookUp(from, grey, { offset: 0, channels: 1 }, 1, to);
  assert.deepEqual([...to], [254, 253, 252, 255]);
  const colour = new Uint8Array(3 * 256).map((_, k) => 10 * (k % 3 + 1));
  lookUp(from, colour, { offset: 0, channels: 3 }, 0, to);
  assert.deepEqual([...to], [10, 20, 30, 255]);
});

test("an error of nothing is grey, and an amplified one ends at black and white", () => {
  const to = new Uint8ClampedArray(4);
  signedError(new Uint8ClampedArray([9, 9, 9, 255]), new Uint8ClampedArray([9, 19, 0, 255]), 32, to);
  assert.deepEqual([...to], [128, 255, 0, 255]);
});

test("a zoom leaves the point under the pointer where it is", () => {
  const place = new Place(600, 400);
  place.resize(300, 200);
  const before = place.toPicture(40, 50);
  place.zoom(4, 40, 50);
  assert.equal(place.scale, 4);
  place.toPicture(40, 50).forEach((value, k) => assert.ok(Math.abs(value - before[k]) < 0.3));
});

test("a picture never leaves its stage, and a small one lies in the middle", () => {
  const large = new Place(600, 400), small = new Place(10, 10);
  large.resize(300, 200);
  large.zoom(2);
  large.pan(1e6, 1e6);
  assert.deepEqual([large.x, large.y, large.columns()], [0, 0, { from: 0, to: 150 }]);
  small.resize(100, 100);
  assert.deepEqual([small.scale, small.x, small.y], [10, 0, 0]);
});

test("levels are fetched from the thumb outwards", () => {
  assert.deepEqual(outwards(5, 3), [3, 2, 4, 1, 0]);
});

test("the mean over nine pixels is over those that there are", () => {
  assert.deepEqual([...smooth(new Float32Array([0, 0, 0, 0, 9, 0, 0, 0, 0]))].map(v => v.toFixed(2)), ["1.80", "1.50", "1.29", "1.13", "1.00", "1.13", "1.29", "1.50", "1.80"]);
});
