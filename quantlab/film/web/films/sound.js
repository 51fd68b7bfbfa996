// @ts-check
// Hear a level: original, quantized, or the error alone, at matched loudness, switched while playing; and see its samples.
import { join } from "../bus.js";
import { hostIn, unpack } from "../film.js";
import { Desk } from "../sound/desk.js";
import { Scene } from "../sound/scene.js";

/** @type {import("../film.js").Mount} */
export function mount(element, bytes, options = {}) {
  const host = hostIn(element, "sound");
  host.dataset.film = "sound";
  const desk = new Desk(host);
  /** @type {Scene | null} */
  let scene = null;
  let leave = () => {};

  /** @param {Uint8Array} film @param {import("../film.js").Options} caller */
  const show = (film, caller) => {
    const { header, payload } = unpack(film);
    leave();
    if (!scene || scene.header.id !== header.id) scene = desk.scene = new Scene(host, desk, header, payload, scene);
    leave = join(header, host, scene.show, caller.level);
  };
  show(bytes, options);
  Object.assign(host, { qlSound: checks(host, () => /** @type {Scene} */ (scene)) });
  return {
    update: (next, others = options) => show(next, others),
    destroy() {
      leave();
      desk.destroy();
      scene?.close(false);
      host.remove();
    },
  };
}

/**
 * What is heard, for whoever wants to check.
 * @param {HTMLElement} host
 * @param {() => Scene} scene
 */
const checks = (host, scene) => ({
  get time() { return scene().player.position() / scene().header.rate; },
  get playing() { return scene().player.playing; },
  get level() { return host.dataset.level; },
  get what() { return scene().what; },
  get decoded() { return scene().ship.levels.size; },
  get context() { return scene().player.context; },
  render: (/** @type {[string, string, boolean?]} */ ...how) => scene().render(...how),
});
