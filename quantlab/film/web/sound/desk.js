// @ts-check
// A sound's buttons, canvas, playhead and keys: made once, always about the scene at hand.
import { make } from "../film.js";
import { button, isForPlayer } from "./buttons.js";
import { WHATS } from "./scene.js";

/** @typedef {import("./scene.js").Scene} Scene */
/** @typedef {import("./scene.js").What} What */

export class Desk {
  /** @type {Scene | null} */
  scene = null;
  #frame = 0;
  #over = new AbortController();

  /** @param {HTMLElement} host */
  constructor(host) {
    this.canvas = make("canvas", { role: "img" });
    this.head = make("i");
    this.time = make("time");
    this.silence = make("p", { className: "ql-silence", role: "alert" });
    this.play = button("Play", "▶", () => this.#toggle());
    this.loop = button("Repeat", "⟳", () => this.#with(({ player }) => player.repeat(!player.loop)));
    this.whats = WHATS.map(what => button(what, what, () => this.scene?.choose(what)));
    const zooms = [button("Zoom out", "−", () => this.#zoom(4)), button("Zoom in", "+", () => this.#zoom(0.25))];
    const choice = make("span", { className: "ql-whats", role: "group", ariaLabel: "What is heard" }, ...this.whats);
    this.whats.forEach((each, k) => { each.dataset.what = WHATS[k]; });
    host.append(
      make("div", { className: "ql-desk" }, this.play, this.loop, choice, this.time, make("span", { className: "ql-zooms" }, ...zooms)),
      this.silence,
      make("div", { className: "ql-stage" }, this.canvas, this.head),
    );
    this.#grip();
    this.watch = new ResizeObserver(() => this.scene?.draw());
    this.watch.observe(this.canvas);
    document.addEventListener("keydown", event => this.#key(event), { signal: this.#over.signal });
  }

  destroy() {
    this.#over.abort();
    this.watch.disconnect();
    cancelAnimationFrame(this.#frame);
  }

  /** @param {string} text in place of the time */
  say(text) {
    this.time.textContent = text;
  }

  /** @param {string} text why nothing is heard */
  tell(text) {
    this.silence.textContent = text;
  }

  /** The buttons say what is so, and the playhead goes where the sound is. */
  refresh() {
    if (!this.scene) return;
    const { player, header, level, what } = this.scene, { playing } = player, by = header.levels[level].error_gain;
    this.play.textContent = playing ? "❚❚" : "▶";
    this.play.ariaLabel = playing ? "Pause" : "Play";
    this.play.title = `${playing ? "Pause" : "Play"} (space)`;
    this.loop.ariaPressed = String(player.loop);
    this.whats.forEach((each, k) => {
      const own = WHATS[k], name = own[0].toUpperCase() + own.slice(1) + (own === "error" && by !== 1 ? ` ×${by}` : "");
      each.ariaPressed = String(own === what);
      if (each.textContent !== name) each.textContent = name;
      each.ariaLabel = name;
      each.title = `${name} (${k + 1})`;
    });
    this.canvas.ariaLabel = header.alt;
    this.#tick();
  }

  /** @param {(scene: Scene) => void} act */
  #with(act) {
    if (this.scene) act(this.scene);
    this.refresh();
  }

  #toggle() {
    const player = this.scene?.player;
    if (player?.playing) player.pause();
    else player?.play();
  }

  /** @param {number} factor of the time in sight */
  #zoom(factor) {
    this.#with(scene => {
      const { from, to } = scene.view, span = (to - from) * factor, at = scene.player.position();
      const centre = at > from && at < to ? at : (from + to) / 2;
      scene.look(centre - span / 2, centre + span / 2);
    });
  }

  /** A drag moves what is in sight; a click seeks. */
  #grip() {
    const { canvas } = this;
    const sampleAt = (/** @type {PointerEvent} */ event, /** @type {Scene} */ { view: { from, to } }) => {
      const box = canvas.getBoundingClientRect();
      return from + ((event.clientX - box.x) / box.width) * (to - from);
    };
    /** @type {{at: number, x: number, moved: boolean} | null} */
    let grip = null;
    canvas.onpointerdown = event => this.#with(scene => {
      grip = { at: sampleAt(event, scene), x: event.clientX, moved: false };
      canvas.setPointerCapture(event.pointerId);
    });
    canvas.onpointermove = event => {
      const held = grip;
      if (!held || (!held.moved && Math.abs(event.clientX - held.x) < 4)) return;
      held.moved = true;
      this.#with(scene => {
        const { from, to } = scene.view, by = held.at - sampleAt(event, scene);
        scene.look(from + by, to + by);
      });
    };
    canvas.onpointerup = event => this.#with(scene => {
      if (grip && !grip.moved) scene.player.seek(sampleAt(event, scene));
      grip = null;
    });
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (!isForPlayer(event)) return;
    const what = WHATS["123".indexOf(event.key)];
    if (event.key === " ") {
      event.preventDefault();
      this.#toggle();
    } else if (what) this.scene?.choose(what);
  }

  #tick() {
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => {
      if (!this.scene) return;
      const { player, view, header } = this.scene, at = player.position(), share = (at - view.from) / (view.to - view.from);
      this.head.style.transform = `translateX(${(share * this.canvas.clientWidth).toFixed(1)}px)`;
      this.head.hidden = share < 0 || share > 1;
      this.say(`${(at / header.rate).toFixed(1)} of ${(header.length / header.rate).toFixed(1)} s`);
      if (player.playing) this.#tick();
    });
  }
}
