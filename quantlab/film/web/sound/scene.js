// @ts-check
// One sound's film on the desk: its samples, and what is shown and heard of them.
import { labelOf } from "../bus.js";
import { bufferOf, Player } from "./player.js";
import { errorOf, tableOf } from "./samples.js";
import { Shipment } from "./shipment.js";
import { COLORS, drawWave } from "./wave.js";

/** @typedef {"original" | "quantized" | "error"} What */

/** @type {What[]} */
export const WHATS = ["original", "quantized", "error"];
const FEW_LINES = 100; // more levels than that in sight are no lines but a wall
const SMALL_TABLE = 1024; // bytes

export class Scene {
  level = 0;
  /** @type {What} */
  what;
  /** @type {string | undefined} */
  #heard;
  /** @type {import("../film.js").Header} */
  header;
  /** @type {import("./wave.js").View} */
  view;
  /** @type {Player} */
  player;

  /**
   * @param {HTMLElement} host
   * @param {import("./desk.js").Desk} desk
   * @param {import("../film.js").Header} header
   * @param {Uint8Array<ArrayBuffer>} payload
   * @param {Scene | null} before the scene that this one follows: of the same source it keeps the player and the view
   */
  constructor(host, desk, header, payload, before) {
    const kept = before && before.header.source === header.source ? before : null;
    before?.close(kept !== null);
    delete host.dataset.level;
    this.header = header;
    this.payload = payload;
    this.desk = desk;
    this.what = before?.what ?? "quantized";
    this.view = kept?.view ?? { from: 0, to: header.length, top: 1 };
    this.player = kept?.player ?? new Player(header.rate, header.length, () => desk.refresh(), text => desk.tell(text));
    this.player.repeat(before?.player.loop ?? true);
    this.ship = new Shipment(header, payload, i => {
      if (this.ship.levels.size === 1 && !kept) this.look(0, header.length);
      if (i !== this.level) return;
      this.show(i);
      host.dataset.level = labelOf(header, i);
    });
    this.ship.done.catch(problem => {
      desk.say(`This browser could not decode the sound: ${problem.message}`);
      throw problem;
    });
  }

  /**
   * Shows and plays a level; false while it is still being decoded.
   * @param {number} level
   */
  show = level => {
    this.level = this.ship.wanted = level;
    if (!this.ship.levels.has(level)) return false;
    this.#hear();
    this.draw();
    this.desk.refresh();
    return true;
  };

  /** @param {What} what */
  choose(what) {
    this.what = what;
    if (this.ship.levels.has(this.level)) this.show(this.level);
  }

  /** What is seen of the samples. */
  draw() {
    const heard = this.ship.levels.get(this.level)?.[0], original = this.ship.original?.[0], { canvas } = this.desk, { what, view } = this;
    if (!heard || !original) return;
    const near = canvas.clientWidth / (view.to - view.from) >= 1;
    const faint = what === "original" ? 0.9 : near ? 0.8 : 0.4;
    const layers = [{ samples: original, gain: 1, color: COLORS.original, alpha: faint, line: near && what !== "original" }];
    if (what === "quantized") layers.push({ samples: heard, gain: 1, color: COLORS.quantized, alpha: near ? 1 : 0.75, line: false });
    if (what === "error") {
      layers.push({ samples: this.#samples(this.level, what)[0], gain: this.#gain(this.level, what), color: COLORS.error, alpha: 0.85, line: false });
    }
    drawWave(canvas, view, layers, what === "quantized" ? this.#lines(this.level) : [], this.header.rate);
  }

  /**
   * Another part of the sound, in samples; the axis follows the original alone: it stands still while the slider moves.
   * @param {number} from
   * @param {number} to
   */
  look(from, to) {
    const { length } = this.header, original = this.ship.original?.[0] ?? [];
    const span = Math.min(length, Math.max(Math.min(24, length), to - from)), start = Math.max(0, Math.min(length - span, from));
    let top = 0;
    for (let k = Math.floor(start); k < Math.min(length, start + span); k++) top = Math.max(top, Math.abs(original[k]));
    this.view = { from: start, to: start + span, top: top * 1.1 || 1 };
    this.draw();
  }

  /**
   * The samples as the browser's own graph gives them, a channel each.
   * @param {string} label
   * @param {string} what
   * @param {boolean} [matched] at matched loudness
   */
  async render(label, what, matched = false) {
    await this.ship.done;
    const { channels, length, rate, labels } = this.header, i = labels.indexOf(label), heard = /** @type {What} */ (what);
    const context = new OfflineAudioContext(channels, length, rate), source = context.createBufferSource(), level = context.createGain();
    source.buffer = bufferOf(this.#samples(i, heard), rate);
    level.gain.value = matched ? this.#gain(i, heard) : 1;
    source.connect(level).connect(context.destination);
    source.start();
    const done = await context.startRendering();
    return Array.from({ length: channels }, (_, c) => done.getChannelData(c));
  }

  /** @param {boolean} keepPlayer */
  close(keepPlayer) {
    this.ship.alive = false;
    if (!keepPlayer) this.player.close();
  }

  #hear() {
    if (this.#heard === `${this.level} ${this.what}`) return;
    this.#heard = `${this.level} ${this.what}`;
    this.player.sound(bufferOf(this.#samples(this.level, this.what), this.header.rate), this.#gain(this.level, this.what));
  }

  /** @param {number} level @param {What} what */
  #samples(level, what) {
    const { original, levels } = this.ship, heard = levels.get(level);
    if (!original || !heard) throw new Error(`level ${level} of the sound is not decoded yet`);
    if (what === "original") return original;
    return what === "error" ? errorOf(heard, original) : heard;
  }

  /** @param {number} level @param {What} what */
  #gain(level, what) {
    return what === "original" ? 1 : this.header.levels[level][what === "error" ? "error_gain" : "gain"];
  }

  /**
   * The values of the level's steps, where they are few enough to be ruled.
   * @param {number} level
   * @returns {number[]}
   */
  #lines(level) {
    /** @type {import("./samples.js").Level} */
    const { table, scale, shift } = this.header.levels[level];
    if (table) return table[1] <= SMALL_TABLE ? [...tableOf(this.payload, this.header.levels[level]) ?? []] : [];
    const reach = Math.ceil(this.view.top / scale) + 1;
    return reach < FEW_LINES ? Array.from({ length: 2 * reach + 1 }, (_, k) => (k - reach) * scale + shift) : [];
  }
}
