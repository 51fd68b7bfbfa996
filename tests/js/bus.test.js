// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { announce, join, labelOf, repaint } from "../../quantlab/film/web/bus.js";

/** @returns {HTMLElement} as much of an element as the bus needs */
const element = () => /** @type {any} */ ({ dataset: {} });

test("a film paints the level that is announced and says so", () => {
  const host = element(), painted = /** @type {number[]} */ ([]);
  join({ group: "one", labels: ["1", "2", "4"] }, host, i => painted.push(i));
  assert.deepEqual(painted, [], "no level is known yet");
  announce("one", "4");
  announce("one", "2");
  assert.deepEqual(painted, [2, 1]);
  assert.equal(host.dataset.level, "2");
});

test("a film that joins late is painted at the level of its group", () => {
  const host = element();
  announce("two", "b");
  join({ group: "two", labels: ["a", "b"] }, host, () => true);
  assert.equal(host.dataset.level, "b");
});

test("a film without a slider shows its caller's level", () => {
  const host = element();
  join({ group: "three", labels: ["a", "b"] }, host, () => true, "a");
  assert.equal(host.dataset.level, "a");
});

test("a level of another state of the page changes nothing", () => {
  const host = element(), painted = /** @type {number[]} */ ([]);
  join({ group: "four", labels: ["1", "2"] }, host, i => painted.push(i), "1");
  announce("four", "E4M3");
  assert.deepEqual(painted, [0]);
  assert.equal(host.dataset.level, "1");
});

test("a level of another slider changes nothing, also where both have it", () => {
  const host = element(), painted = /** @type {number[]} */ ([]);
  announce("of bits", "1", ["1", "2"]);
  join({ group: "of bits", labels: ["1", "2"] }, host, i => painted.push(i));
  announce("of bits", "1", ["1", "0.5"]);
  assert.deepEqual(painted, [0]);
  join({ group: "of bits", labels: ["1", "0.5"] }, host, i => painted.push(10 + i));
  assert.deepEqual(painted, [0, 10]);
});

test("a film that waits leaves its level unsaid until it is painted again", () => {
  const host = element();
  let here = false;
  join({ group: "five", labels: ["1"] }, host, () => here);
  announce("five", "1");
  assert.equal("level" in host.dataset, false);
  here = true;
  repaint("five", host);
  assert.equal(host.dataset.level, "1");
});

test("who left hears nothing, and leaving late does not take away who came after", () => {
  const host = element(), heard = /** @type {string[]} */ ([]);
  const first = join({ group: "six", labels: ["1", "2"] }, host, () => heard.push("first"));
  const second = join({ group: "six", labels: ["1", "2"] }, host, () => heard.push("second"));
  first();
  announce("six", "1");
  second();
  announce("six", "2");
  assert.deepEqual(heard, ["second"]);
});

test("a film without a slider stands at its own level, and goes there again when what it waited for is here", () => {
  const box = element(), painted = /** @type {number[]} */ ([]);
  let here = false;
  const film = { group: "alone", labels: ["4"], at: [2], level: "4" };
  join(film, box, index => {
    painted.push(index);
    return here;
  });
  assert.deepEqual([painted, box.dataset.level], [[2], undefined]);
  here = true;
  repaint("alone", box);
  assert.deepEqual([painted, box.dataset.level, labelOf(film, 2)], [[2, 2], "4", "4"]);
});

test("a film on another slider's labels shows its own levels there", () => {
  const box = element(), painted = /** @type {number[]} */ ([]);
  join({ group: "other", labels: ["1", "2", "3"], at: [0, 0, 1] }, box, index => { painted.push(index); });
  announce("other", "2", ["1", "2", "3"]);
  announce("other", "3", ["1", "2", "3"]);
  assert.deepEqual([painted, box.dataset.level], [[0, 1], "3"]);
});
