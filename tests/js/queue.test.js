// @ts-check
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { Queue, activate, active } from "../../quantlab/ui/live/queue.js";

/** @type {Map<string, string>} */
const kept = new Map();
Object.assign(globalThis, {
  localStorage: {
    getItem: (/** @type {string} */ key) => kept.get(key) ?? null,
    setItem: (/** @type {string} */ key, /** @type {string} */ text) => kept.set(key, text),
    removeItem: (/** @type {string} */ key) => kept.delete(key),
  },
});

/** @type {any[]} */
let asked = [];
/** @type {(what: string, body: any) => [number, any] | null} */
let server = () => null;

globalThis.fetch = /** @type {any} */ (async (/** @type {string} */ address, /** @type {any} */ how) => {
  const what = address.split("/").at(-1) ?? "", body = how.body ? JSON.parse(how.body) : null;
  asked.push({ what, body, token: how.headers.Authorization });
  const answer = server(what, body);
  if (!answer) throw new TypeError("Failed to fetch");
  return { ok: answer[0] < 400, status: answer[0], json: async () => answer[1] };
});

let number = 0;
const joined = async () => {
  const queue = new Queue(`BCD${number++}`, "http://here/");
  server = what => [200, what === "join" ? { token: "t" } : { new: true }];
  await queue.join("Ada");
  asked = [];
  return queue;
};
const until = async (/** @type {() => boolean} */ done) => {
  while (!done()) await new Promise(next => setTimeout(next, 5));
};

beforeEach(() => { asked = []; });

test("an answer is sent with the token and known to be kept", async () => {
  const queue = await joined();
  queue.push("a:1", 1, 2);
  assert.deepEqual(queue.of("a:1", 1), { answer: 2, kept: false, refused: "" });
  await until(() => queue.mine.queue.length === 0);
  assert.equal(queue.of("a:1", 1)?.kept, true);
  assert.deepEqual([asked.length, asked[0].token, asked[0].body.answer], [1, "Bearer t", 2]);
  queue.end();
});

test("without a line it stays and is sent again with the same key, also by a page that is opened anew", async () => {
  const queue = await joined();
  server = () => null;
  queue.push("a:1", 1, 2);
  await until(() => asked.length === 1);
  assert.equal(queue.mine.queue.length, 1);
  queue.end();
  const again = new Queue(queue.code, "http://here/");
  server = () => [503, { refused: "busy" }];
  await again.flush();
  assert.equal(again.mine.queue.length, 1);
  server = () => [200, { new: true }];
  await again.flush();
  assert.equal(again.mine.queue.length, 0);
  assert.equal(new Set(asked.map(({ body }) => body.key)).size, 1);
  again.end();
});

test("what is refused is said and not sent again", async () => {
  const queue = await joined();
  server = () => [409, { refused: "The vote was closed." }];
  queue.push("a:1", 1, 2);
  await until(() => queue.mine.queue.length === 0);
  assert.equal(queue.of("a:1", 1)?.refused, "The vote was closed.");
  assert.equal(asked.length, 1);
  queue.end();
});

test("a later answer takes the place of one that waits, and one that is given meanwhile is sent too", async () => {
  const queue = await joined();
  server = () => null;
  queue.push("a:1", 1, 0);
  queue.push("a:1", 1, 1);
  assert.deepEqual(queue.mine.queue.map(vote => vote.answer), [1]);
  await until(() => !queue.sending);
  let first = true;
  server = () => {
    if (first) queue.push("a:1", 1, 2); // while the server thinks
    first = false;
    return [200, { new: true }];
  };
  await queue.flush();
  await until(() => queue.mine.queue.length === 0);
  assert.deepEqual(queue.of("a:1", 1), { answer: 2, kept: true, refused: "" });
  queue.end();
});

test("a class that no longer knows the browser lets it join again", async () => {
  const queue = await joined();
  server = () => [403, { refused: "This browser has not joined the class; join again." }];
  queue.push("a:1", 1, 2);
  await until(() => queue.mine.queue.length === 0);
  assert.equal(queue.mine.token, "");
  queue.end();
});

test("a class in which each goes on alone is remembered until it is not", () => {
  activate("BCDFG", ["rounding"]);
  assert.deepEqual(active(), { code: "BCDFG", offered: ["rounding"] });
  activate("OTHER", []);
  assert.notEqual(active(), null);
  activate("BCDFG", []);
  assert.equal(active(), null);
});

test("what another hand wrote into the browser's memory does no harm", () => {
  for (const text of ["{no json", "5", "null", '{"queue": 7}', '{"token": "t", "joining": "", "name": "", "queue": [], "sent": null}']) {
    kept.set("quantlab:class:WRONG", text);
    assert.deepEqual(new Queue("WRONG", "").mine.queue, []);
    kept.set("quantlab:class", text);
    assert.equal(active(), null);
  }
});
