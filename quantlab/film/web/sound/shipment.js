// @ts-check
// The levels of a sound's film, decoded one after the other: those nearest to the wanted one first.
import { decode } from "./player.js";
import { part, samplesOf, tableOf } from "./samples.js";

/** @typedef {import("./samples.js").Samples} Samples */

export class Shipment {
  wanted = 0;
  alive = true;
  /** @type {Samples[] | null} */
  original = null;
  /** @type {Map<number, Samples[]>} */
  levels = new Map();

  /**
   * @param {import("../film.js").Header} header
   * @param {Uint8Array<ArrayBuffer>} payload
   * @param {(level: number) => void} ready hears of each level
   */
  constructor(header, payload, ready) {
    this.done = this.#decode(header, payload, ready);
  }

  /**
   * @param {import("../film.js").Header} header
   * @param {Uint8Array<ArrayBuffer>} payload
   * @param {(level: number) => void} ready
   */
  async #decode(header, payload, ready) {
    /** @type {import("./samples.js").Level[]} */
    const levels = header.levels;
    const unpack = (/** @type {[number, number]} */ place) => decode(part(payload, place), header.channels, header.file_rate);
    this.original = await unpack(header.original);
    const noise = header.noise && await unpack(header.noise);
    while (this.alive && this.levels.size < levels.length) {
      const i = nearest([...levels.keys()].filter(k => !this.levels.has(k)), this.wanted);
      const codes = await unpack(levels[i].flac);
      if (!this.alive) return;
      this.levels.set(i, samplesOf(/** @type {any} */ (header), levels[i], tableOf(payload, levels[i]), codes, noise));
      ready(i);
    }
  }
}

/**
 * The one of these numbers that is nearest to `wanted`.
 * @param {number[]} numbers
 * @param {number} wanted
 */
export const nearest = (numbers, wanted) => numbers.reduce((a, b) => Math.abs(b - wanted) < Math.abs(a - wanted) ? b : a);
