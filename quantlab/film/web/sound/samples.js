// @ts-check
// From codes to samples: the rule of quantlab/audio/shipping.py, to the bit. Nothing is quantized here.

/** @typedef {Float32Array<ArrayBuffer>} Samples of one channel */
/**
 * What a level's codes stand for: `table` is [offset, bytes] of a codebook in the payload.
 * @typedef {{scale: number, shift: number, first: number, step: number, table?: [number, number], flac: [number, number], gain: number, error_gain: number}} Level
 */
/** Upsampling by `factor` with a filter of `taps`, to `length` samples. @typedef {{factor: number, taps: number[], length: number}} Rate */

/**
 * @param {Uint8Array} payload
 * @param {[number, number]} place offset and size in bytes
 */
export const part = (payload, [start, size]) => payload.subarray(start, start + size);

/**
 * The codebook of a level, if it has one.
 * @param {Uint8Array<ArrayBuffer>} payload
 * @param {Level} level
 */
export const tableOf = (payload, { table }) => table && new Float32Array(payload.buffer, table[0], table[1] / 4);

/**
 * The samples that a level stands for; codes and noise as decoded, a channel each.
 * @param {Rate} rate
 * @param {Level} level
 * @param {Float32Array | undefined} table its codebook
 * @param {Float32Array[]} codes
 * @param {Float32Array[] | null} noise
 * @returns {Samples[]}
 */
export function samplesOf(rate, { scale, shift, first, step }, table, codes, noise) {
  const low = codes.map((channel, c) => {
    const out = new Float32Array(channel.length); // storing rounds to float32
    for (let k = 0; k < out.length; k++) {
      const code = Math.round(channel[k] * 32768);
      out[k] = table ? table[code - first] : Math.fround(code * scale) + shift;
      if (step && noise) out[k] -= Math.fround(((Math.round(noise[c][k] * 32768) + 0.5) / 256) * step);
    }
    return out;
  });
  return rate.factor === 1 ? low : low.map(channel => upsample(channel, rate));
}

/**
 * At `factor` times the rate: y[n] = sum over m of taps[n - factor m + half] low[m].
 * @param {Samples} low
 * @param {Rate} rate
 * @returns {Samples}
 */
export function upsample(low, { factor, taps, length }) {
  const out = new Float32Array(length), half = (taps.length - 1) / 2;
  for (let n = 0; n < length; n++) {
    const last = Math.min(Math.floor((n + half) / factor), low.length - 1);
    let sum = 0;
    for (let m = Math.max(0, Math.ceil((n - half) / factor)); m <= last; m++) sum += taps[n - factor * m + half] * low[m];
    out[n] = sum;
  }
  return out;
}

/**
 * The error: what is heard minus the original, channel by channel.
 * @param {Samples[]} heard
 * @param {Samples[]} original
 */
export const errorOf = (heard, original) => heard.map((channel, c) => channel.map((v, k) => v - original[c][k]));
