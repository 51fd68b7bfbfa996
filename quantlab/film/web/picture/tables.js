// @ts-check
// Pixels through look-up tables: 256 entries a level, one table for all channels or three.

/**
 * @param {Uint8ClampedArray} from RGBA
 * @param {Uint8Array} payload
 * @param {{offset: number, channels: number}} tables where they begin, and how many channels an entry has
 * @param {number} level
 * @param {Uint8ClampedArray} to RGBA
 */
export function lookUp(from, payload, { offset, channels }, level, to) {
  const table = payload.subarray(offset + level * 256 * channels, offset + (level + 1) * 256 * channels);
  const [g, b] = channels === 3 ? [1, 2] : [0, 0];
  for (let k = 0; k < to.length; k += 4) {
    to[k] = table[from[k] * channels];
    to[k + 1] = table[from[k + 1] * channels + g];
    to[k + 2] = table[from[k + 2] * channels + b];
    to[k + 3] = 255;
  }
}

/**
 * The signed error, amplified: grey is none, lighter is too bright, darker too dark.
 * @param {Uint8ClampedArray} original RGBA
 * @param {Uint8ClampedArray} quantized RGBA
 * @param {number} gain
 * @param {Uint8ClampedArray} to RGBA
 */
export function signedError(original, quantized, gain, to) {
  for (let k = 0; k < to.length; k++) to[k] = k % 4 === 3 ? 255 : 128 + gain * (quantized[k] - original[k]);
}
