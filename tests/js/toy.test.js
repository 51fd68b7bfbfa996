// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { gradients, learner, rint, rounded, topCode } from "../../quantlab/film/web/toy/learn.js";

const ADAM = { rate: 0.02, mean: 0.9, square: 0.999, tiny: 1e-8, leastStep: 1e-3 };
const net = () => ({ weights: [Float64Array.of(0.7, -0.4, 0.3, 0.9), Float64Array.of(1.2, -0.8)], biases: [Float64Array.of(0.1, 0), Float64Array.of(0)], steps: [0.4, 0.6] });
const points = { xy: Float64Array.of(1, 0, 0, 1, -1, 0.5), side: Float64Array.of(1, 0, 1) };

test("ties go to the even number", () => assert.deepEqual([-1.5, -0.5, 0.5, 1.5, 2.5, 2.6].map(x => rint(x) + 0), [-2, 0, 0, 2, 2, 3]));

test("two bits are three levels", () => {
  assert.equal(topCode(2), 1);
  assert.deepEqual([...rounded(Float64Array.of(0.3, -0.9, 0.1), 0.4, 2)].map(x => x + 0), [0.4, -0.4, 0]);
});

test("gradients of biases are those of finite differences, in float and rounded", () => {
  for (const bits of [null, 2, 4]) {
    const { slopes } = gradients(net(), points, bits), h = 1e-6, up = net(), down = net();
    up.biases[0][0] += h;
    down.biases[0][0] -= h;
    const slope = (gradients(up, points, bits).loss - gradients(down, points, bits).loss) / (2 * h);
    assert.ok(Math.abs(slope - slopes[2][0]) < 1e-6, `${bits}: ${slope} and ${slopes[2][0]}`);
  }
});

test("learning lowers the loss and leaves its beginning as it was", () => {
  const start = net(), student = learner(start, points, 4, ADAM), first = student.step();
  let last = first;
  for (let k = 0; k < 100; k++) last = student.step();
  assert.ok(last < first);
  assert.equal(student.done, 101);
  assert.deepEqual(start, net());
});
