// @ts-check
// One side of a comparison at every level: pictures by URL, the original's bytes through tables, or the error of two sides.
// By URL the level under the thumb comes first, then its neighbours outwards while the page has fetched less than a few megabytes.
import { locate } from "../film.js";
import { pictureAt } from "./store.js";
import { lookUp, signedError } from "./tables.js";

const AHEAD = 3.2e6; // bytes fetched unasked for one state
const AT_ONCE = 3;

/**
 * `at` gives a level's pixels, null while they are on their way; `ahead` fetches what may be wanted next.
 * @typedef {{at: (level: number) => ImageData | null, ahead: (level: number) => void}} Side
 */
/** Hears that a picture came, or that it failed. @typedef {(failed: boolean) => void} Again */

/** @type {Side} a side that is never there */
export const NOTHING = { at: () => null, ahead() {} };

/** @param {string} url @param {Again} again */
const pending = (url, again) => {
  const entry = pictureAt(url);
  if (!entry.image) entry.ready.then(() => again(false), () => again(true));
  return entry.image;
};

/**
 * The same picture at every level.
 * @param {string} url
 * @param {Again} again
 * @returns {Side}
 */
export const still = (url, again) => ({ at: () => pending(url, again), ahead() {} });

/**
 * A picture of its own for every level.
 * @param {string[]} urls
 * @param {Again} again
 * @returns {Side}
 */
export function fetched(urls, again) {
  let turn = 0;
  return {
    at: i => pending(urls[i], again),
    ahead(i) { // a few at a time, until a newer call takes over
      const mine = ++turn, order = outwards(urls.length, i);
      let next = 0, spent = 0;
      const work = async () => {
        while (mine === turn && next < order.length && spent < AHEAD) {
          const entry = pictureAt(urls[order[next++]]);
          await entry.ready.catch(() => 0);
          spent += entry.bytes;
        }
      };
      for (let k = 0; k < AT_ONCE; k++) work();
    },
  };
}

/**
 * All levels, the nearest to this one first.
 * @param {number} count
 * @param {number} level
 */
export const outwards = (count, level) => Array.from({ length: count }, (_, k) => k).sort((a, b) => Math.abs(a - level) - Math.abs(b - level));

/**
 * The original through the tables of a level.
 * @param {Side} original
 * @param {Uint8Array} payload
 * @param {{offset: number, channels: number}} tables
 * @returns {Side}
 */
export function mapped(original, payload, tables) {
  /** @type {ImageData | null} */
  let image = null;
  let level = -1;
  return {
    at(i) {
      const from = original.at(i);
      if (!from) return null;
      if (!image || i !== level || image.width !== from.width) {
        image ??= new ImageData(from.width, from.height);
        lookUp(from.data, payload, tables, i, image.data);
        level = i;
      }
      return image;
    },
    ahead() {},
  };
}

/**
 * The error of one side against another.
 * @param {Side} original
 * @param {Side} quantized
 * @param {() => number} gain
 * @returns {Side}
 */
export function difference(original, quantized, gain) {
  /** @type {ImageData | null} */
  let image = null;
  return {
    at(i) {
      const a = original.at(i), b = quantized.at(i);
      if (!a || !b) return null;
      image ??= new ImageData(a.width, a.height);
      signedError(a.data, b.data, gain(), image.data);
      return image;
    },
    ahead: i => quantized.ahead(i),
  };
}

/**
 * A side as a film's header has it: addresses of pictures, or where tables lie in the payload.
 * @param {{urls: string[]} | {offset: number, channels: number}} side
 * @param {Side} original
 * @param {Uint8Array} payload
 * @param {import("../film.js").Options} options
 * @param {Again} again
 */
export const sideOf = (side, original, payload, options, again) =>
  "urls" in side ? fetched(side.urls.map(url => locate(url, options)), again) : mapped(original, payload, side);
