// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { announce } from "../../quantlab/film/web/bus.js";
import { mount, shadeOf, visible } from "../../quantlab/film/web/films/tokens.js";
import { pack } from "./pack.js";
import { element } from "./page.js";

/** @param {string} group */
function film(group) {
  const tellings = [[100, 300, ...Array(10).fill(0), ...Array(10).fill(0)], [900, 250, 1, ...Array(9).fill(0), 625, ...Array(9).fill(0)]];
  const payload = new Uint8Array(new Uint16Array([...tellings[0], ...tellings[1], ...tellings[0]]).buffer);
  const header = { group, labels: ["2", "4"], alt: "a text", pieces: ["a", "\n"], vocabulary: ["a", "b"], known: [true, false], chosen: 0 };
  return pack(header, payload);
}

/** @param {any} host */
const parts = ({ children: [stage, told, lists] }) => ({
  before: stage.children[0].children[1].children, after: stage.children[1].children[1].children, told, lists: lists.children, stage,
});

test("a token is shaded by its surprise, and underlined where another is likeliest now", () => {
  const box = element();
  mount(box, film("shades"), { level: "2" });
  const { before, after, told, lists } = parts(box.children[0]);
  assert.deepEqual([before, after].map(row => row.map((/** @type {any} */ span) => span.dataset.shade)), [["1", "3"], ["9", "3"]]);
  assert.deepEqual(after.map((/** @type {any} */ span) => span.dataset.moved), ["true", "false"]);
  assert.match(told.textContent, /1\.0 bits of surprise before, 9\.0 after/);
  assert.equal(lists[1].children[1].children[1].textContent, "62.5 %");
});

test("a level that is not known yet is left blank", () => {
  const box = element();
  mount(box, film("blank"), { level: "2" });
  announce("blank", "4");
  const { after, told } = parts(box.children[0]);
  assert.deepEqual(after.map((/** @type {any} */ span) => span.dataset.shade), ["0", "0"]);
  assert.match(told.textContent, /… after/);
});

test("arrows and a press choose a token", () => {
  const box = element();
  mount(box, film("choice"), { level: "2" });
  const { stage, told, before } = parts(box.children[0]);
  stage.onkeydown({ key: "ArrowRight", preventDefault() {} });
  assert.match(told.textContent, /^“↵\n”: 3\.0 bits/);
  stage.onclick({ target: before[0] });
  assert.match(told.textContent, /^“a”/);
});

test("surprise has as many shades as there are bits, up to nine", () => {
  assert.deepEqual([0, 0.4, 1, 5.2, 20].map(shadeOf), ["0", "0", "1", "5", "9"]);
  assert.equal(visible("a\n"), "a↵\n");
});
