// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { inType } from "../../quantlab/film/web/plot/type.js";

const layout = { height: 300, margin: { l: 52, t: 26 }, font: { size: 12 }, xaxis: { range: [0, 1], title: { standoff: 6 } }, annotations: [{ x: 3, font: { size: 11 } }] };

test("type at its usual size leaves the layout as it is", () => assert.equal(inType(layout, 1), layout));

test("larger type makes fonts, margins and the chart larger, and leaves data alone", () => {
  const large = inType(layout, 2);
  assert.deepEqual(large, { height: 600, margin: { l: 104, t: 52 }, font: { size: 24 }, xaxis: { range: [0, 1], title: { standoff: 12 } }, annotations: [{ x: 3, font: { size: 22 } }] });
});

test("a chart grows no further than the window has room", () => {
  assert.equal(inType(layout, 2, 800).height, 480);
  assert.equal(inType({ height: 590 }, 2, 800).height, 590);
});
