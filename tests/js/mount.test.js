// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { announce } from "../../quantlab/film/web/bus.js";
import { mount } from "../../quantlab/film/web/films/numbers.js";
import { pack } from "./pack.js";
import { element } from "./page.js";

/** @param {string} group @param {string[]} texts */
const film = (group, texts) => pack({ group, labels: ["1", "2"], alt: "", layout: "tiles", entries: [{ name: "SQNR", help: "in dB", texts }] }, new Uint8Array());
const text = (/** @type {any} */ box) => box.children[0].children[0].children[1].textContent;

test("numbers show the level at hand, in an element of their own", () => {
  const box = element();
  mount(box, film("numbers", ["6 dB", "12 dB"]), { level: "1" });
  assert.equal(text(box), "6 dB");
  announce("numbers", "2");
  assert.equal(text(box), "12 dB");
  const [{ className, dataset }] = box.children;
  assert.deepEqual([className, dataset.film, dataset.level, dataset.layout], ["ql-numbers", "numbers", "2", "tiles"]);
});

test("an update shows another film in the same element, at the same level", () => {
  const box = element(), handle = mount(box, film("update", ["6 dB", "12 dB"]));
  announce("update", "2");
  const [host] = box.children;
  handle.update(film("update", ["7 dB", "13 dB"]));
  assert.equal(text(box), "13 dB");
  assert.deepEqual(box.children, [host]);
});

test("tiles that read differently in another film are marked for a moment, and none where the thumb alone moved", async () => {
  const box = element(), handle = mount(box, film("marks", ["6 dB", "12 dB"]), { level: "1" });
  const tile = () => box.children[0].children[0];
  announce("marks", "2");
  handle.update(film("marks", ["6 dB", "12 dB"]));
  announce("marks", "1");
  assert.equal(tile().dataset.changed, undefined);
  handle.update(film("marks", ["7 dB", "13 dB"]));
  assert.equal(tile().dataset.changed, "");
  await new Promise(done => setTimeout(done, 1700));
  assert.equal(tile().dataset.changed, undefined);
});

test("what is destroyed is gone and hears no more", () => {
  const box = element(), handle = mount(box, film("destroy", ["6 dB", "12 dB"]), { level: "1" });
  const [host] = box.children;
  handle.destroy();
  announce("destroy", "2");
  assert.deepEqual([box.children, host.dataset.level], [[], "1"]);
});
