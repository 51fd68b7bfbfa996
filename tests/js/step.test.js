// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import "./page.js";
import { grade, readNumber } from "../../quantlab/film/web/lesson/step.js";

const question = /** @type {any} */ ({ kind: "number", truth: 15, written: "15 levels", within: 0.5, share: false, unit: "levels", wrong: [[8, "doubled"]], options: [], hints: [] });

test("numbers as people type them", () => {
  assert.deepEqual(["\u22122,5", "1/3", " 12 %", "1e-3", "six", "1/0", "", "1/2/3", "0x10", "Infinity"].map(text => readNumber(text, false)), [-2.5, 1 / 3, 12, 0.001, null, null, null, null, null, null]);
  assert.deepEqual(["89 %", "89", "0.89"].map(text => readNumber(text, true)), [0.89, 0.89, 0.89]);
});

test("a wrong idea meets its hint, a near number is right", () => {
  assert.deepEqual(grade(question, "15,4"), { right: true, said: "Near enough: it is 15 levels.", hint: "" });
  assert.equal(grade(question, "8").hint, "doubled");
  assert.deepEqual([grade(question, "9").hint, grade(question, "9").right], ["", false]);
});

test("choices, orders and curves", () => {
  const choice = { ...question, kind: "choice", truth: 1, options: ["a", "b"], hints: ["not a", ""] };
  assert.deepEqual([grade(choice, 1).right, grade(choice, 0).hint], [true, "not a"]);
  assert.deepEqual([[0, 1], [1, 0]].map(order => grade({ ...choice, kind: "order", truth: [1, 0] }, order).right), [false, true]);
  const curve = { ...question, kind: "draw", truth: [0, 10, null], near: 0.15, unit: "dB" };
  assert.deepEqual([[0, 11, 5], [5, 5, 5]].map(drawn => grade(curve, drawn).right), [true, false]);
});
