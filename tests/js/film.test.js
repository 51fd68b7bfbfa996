// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { locate, unpack } from "../../quantlab/film/web/film.js";
import { pack } from "./pack.js";

test("header and numbers come out as they went in", () => {
  const numbers = new Float32Array([1.5, -2, NaN]), film = pack({ group: "lab", labels: ["µ", "1"] }, new Uint8Array(numbers.buffer));
  const { header, payload } = unpack(film);
  assert.deepEqual(header.labels, ["µ", "1"]);
  assert.deepEqual([...new Float32Array(payload.buffer)], [1.5, -2, NaN]);
});

test("a film may lie anywhere in a larger message", () => {
  const film = pack({ group: "lab", labels: [] }, new Uint8Array([7, 8])), message = new Uint8Array(film.length + 3);
  message.set(film, 3);
  const { header, payload } = unpack(message.subarray(3));
  assert.equal(header.group, "lab");
  assert.deepEqual([...payload], [7, 8]);
  assert.equal(payload.byteOffset, 0, "float32 must begin on a multiple of four");
});

test("addresses in films lie below the base", () => {
  assert.equal(locate("ql/picture/a/1", { base: "https://school.example/lab/" }), "https://school.example/lab/ql/picture/a/1");
  assert.equal(locate("ql/picture/a/1", { base: "http://127.0.0.1:8501/" }), "http://127.0.0.1:8501/ql/picture/a/1");
});
