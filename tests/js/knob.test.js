// @ts-check
import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { Knob, ticks } from "../../quantlab/film/web/controls/knob.js";

const LABELS = ["1", "2", "3", "4"];

/** A knob, what it showed, and what it told. */
function setUp() {
  const shown = /** @type {string[]} */ ([]), told = /** @type {string[]} */ ([]);
  const knob = new Knob(i => shown.push(knob.labels[i]), label => told.push(label));
  return { knob, shown, told };
}

test("nothing is told while the thumb moves, and one label once it rests", () => {
  mock.timers.enable();
  const { knob, shown, told } = setUp();
  knob.hear(LABELS, 0);
  for (const i of [1, 2, 3]) knob.move(i);
  mock.timers.tick(10_000);
  assert.deepEqual(told, []);
  knob.rest(0);
  mock.timers.tick(1);
  assert.deepEqual([shown, told], [["1", "2", "3", "4"], ["4"]]);
  knob.rest(0);
  mock.timers.tick(1);
  assert.deepEqual(told, ["4"], "what is known is not told again");
  mock.timers.reset();
});

test("keys that repeat are told once, when they rest", () => {
  mock.timers.enable();
  const { knob, told } = setUp();
  knob.hear(LABELS, 0);
  for (const i of [1, 2]) {
    knob.move(i);
    knob.rest(250);
    mock.timers.tick(200);
  }
  assert.deepEqual(told, []);
  mock.timers.tick(50);
  assert.deepEqual(told, ["3"]);
  mock.timers.reset();
});

test("an answer about an older level does not move a thumb that has gone on", () => {
  mock.timers.enable();
  const { knob, told } = setUp();
  knob.hear(LABELS, 0);
  knob.move(1);
  knob.rest(0);
  mock.timers.tick(1);
  knob.move(3);
  knob.hear(LABELS, 1); // Python's answer to level 2
  assert.equal(knob.at, 3);
  assert.deepEqual(told, ["2"]);
  mock.timers.reset();
});

test("a level that is news moves the thumb, and what was to be told is dropped", () => {
  mock.timers.enable();
  const { knob, told } = setUp();
  knob.hear(LABELS, 0);
  knob.move(2);
  knob.rest(250);
  knob.hear(LABELS, 3);
  mock.timers.tick(1000);
  assert.deepEqual([knob.at, told], [3, []]);
  mock.timers.reset();
});

test("other labels put the thumb where the caller says", () => {
  const { knob, shown } = setUp();
  knob.hear(LABELS, 1);
  knob.hear(["E4M3", "E5M2"], 1);
  assert.deepEqual(shown, ["2", "E5M2"]);
});

test("of many labels every second or third stands below", () => {
  assert.deepEqual(ticks(LABELS), LABELS);
  const many = ticks(Array.from({ length: 40 }, (_, k) => String(k)));
  assert.deepEqual(many.filter(label => label), Array.from({ length: 14 }, (_, k) => String(3 * k)));
  assert.equal(many.length, 40);
});
