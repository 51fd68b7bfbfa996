// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { shrunk } from "../../quantlab/ui/live/paper.js";

test("a wide window is made as much smaller as fits the paper, a phone's stays as it is", () => {
  for (const width of [701, 916, 1216, 1856]) assert.ok(Math.abs(width * shrunk(width) - 700) < 1e-9);
  for (const width of [320, 390, 700]) assert.equal(shrunk(width), 1);
});
