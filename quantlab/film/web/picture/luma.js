// @ts-check
// The brightness along a row of pixels.

/**
 * Luma of the columns from `from` up to `to` in row `y`.
 * @param {ImageData} image
 * @param {number} y
 * @param {number} from
 * @param {number} to
 */
export function luma(image, y, from, to) {
  const out = new Float32Array(to - from);
  for (let x = from; x < to; x++) {
    const k = 4 * (y * image.width + x);
    out[x - from] = 0.299 * image.data[k] + 0.587 * image.data[k + 1] + 0.114 * image.data[k + 2];
  }
  return out;
}

/**
 * Each value's mean with its four neighbours on both sides.
 * @param {Float32Array} values
 */
export function smooth(values) {
  return values.map((_, i) => {
    const near = values.subarray(Math.max(0, i - 4), i + 5);
    return near.reduce((a, b) => a + b, 0) / near.length;
  });
}
