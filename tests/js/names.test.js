// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { fitting } from "../../quantlab/film/web/plot/names.js";

/** Six pixels a letter. @param {string} text */
const width = text => 6 * text.length;

test("names that have room stand as they are, and an axis without names too", () => {
  const axis = { range: /** @type {[number, number]} */ ([-0.5, 2.5]), tickvals: [0, 1, 2], ticktext: ["one", "two", "three"] };
  assert.equal(fitting(axis, 300, width), axis);
  const bare = { range: /** @type {[number, number]} */ ([0, 1]) };
  assert.equal(fitting(bare, 10, width), bare);
});

test("no two names that are left touch, at any width, forwards, backwards and on a logarithmic axis", () => {
  const texts = Array.from({ length: 30 }, (_, k) => `block${k}_${"conv".repeat(k % 3)}`), places = texts.map((_, k) => k);
  for (let room = 20; room < 3000; room += 37) {
    /** @type {import("../../quantlab/film/web/plot/ticks.js").Axis[]} */
    const axes = [{ range: [-0.6, 29.6] }, { range: [29.6, -0.6] }, { type: "log", range: [0, 29] }];
    for (const axis of axes) {
      const given = axis.type === "log" ? places.map(k => 10 ** k) : places;
      const { tickvals = [], ticktext = [] } = fitting({ ...axis, tickvals: given, ticktext: texts }, room, width);
      const at = tickvals.map(value => (axis.type === "log" ? Math.log10(value) : value) * room / (axis.range[1] - axis.range[0]));
      assert.ok(ticktext.length >= 1 && tickvals.every((value, k) => texts[given.indexOf(value)] === ticktext[k]));
      for (let k = 1; k < at.length; k++) assert.ok(Math.abs(at[k] - at[k - 1]) > (width(ticktext[k]) + width(ticktext[k - 1])) / 2);
    }
  }
});

test("as many are left as every second, third, ... allows", () => {
  const axis = { range: /** @type {[number, number]} */ ([0, 10]), tickvals: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10], ticktext: Array(11).fill("name") };
  assert.equal(fitting(axis, 10 * 30, width).ticktext?.length, 11);
  assert.equal(fitting(axis, 10 * 29, width).ticktext?.length, 6);
  assert.equal(fitting(axis, 10 * 14, width).ticktext?.length, 4);
});
