// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { announce } from "../../quantlab/film/web/bus.js";
import { mount, runs } from "../../quantlab/film/web/films/words.js";
import { pack } from "./pack.js";
import { element } from "./page.js";

/** @param {string} group @param {object} [more] */
const film = (group, more = {}) =>
  pack({ group, labels: ["1", "2", "3"], alt: "", look: "sentence", texts: ["**6 dB** here", "**12 dB** here", "**6 dB** here"], ...more }, new Uint8Array());
/** @param {any} box @returns {any[]} */
const linesOf = box => box.children[0].children[0].children;
/** @param {any} node @returns {string} */
const textOf = node => typeof node === "string" ? node : node.textContent || node.children.map(textOf).join("");

test("bold and italic are all that a text can say; everything else is text", () => {
  assert.deepEqual(runs("**2.6 dB** at *conv1* 4"), [
    { text: "2.6 dB", bold: true, italic: false },
    { text: " at ", bold: false, italic: false },
    { text: "conv1", bold: false, italic: true },
    { text: " 4", bold: false, italic: false },
  ]);
  assert.deepEqual(runs("\\*a\\* <b>x</b> 1\\.5"), [{ text: "*a* <b>x</b> 1.5", bold: false, italic: false }]);
});

test("one of all sentences is in sight, each different one lies there once", () => {
  const box = element();
  mount(box, film("words one"), { level: "2" });
  assert.deepEqual(linesOf(box).map(textOf), ["6 dB here", "12 dB here"]);
  assert.deepEqual(linesOf(box).map(line => line.dataset.shown), ["false", "true"]);
  announce("words one", "3");
  assert.deepEqual(linesOf(box).map(line => line.dataset.shown), ["true", "false"]);
  assert.equal(box.children[0].dataset.level, "3");
});

test("what is spoken is silent while the level moves and speaks once it rests", async () => {
  const box = element();
  mount(box, film("words spoken"), { level: "1" });
  const spoken = box.children[0].children[1];
  assert.equal(spoken.textContent, "6 dB here");
  announce("words spoken", "2");
  assert.equal(spoken.textContent, "");
  await new Promise(done => setTimeout(done, 700));
  assert.equal(spoken.textContent, "12 dB here");
});

test("a film says whether the thumb is away from the level that the page was drawn for", () => {
  const box = element();
  mount(box, film("words away", { own: "2" }), { level: "2" });
  assert.equal(box.children[0].dataset.away, "false");
  announce("words away", "3");
  assert.equal(box.children[0].dataset.away, "true");
});

test("without levels the one text stands", () => {
  const box = element();
  mount(box, film("words still", { labels: [], texts: ["as it is"] }));
  assert.deepEqual(linesOf(box).map(line => line.dataset.shown), ["true"]);
});
