// @ts-check
// A blind trial: A, B and X at the same place, switched without a gap. Which of them X is, nobody here knows.
import { hostIn, make, unpack } from "../film.js";
import { button } from "../sound/buttons.js";
import { bufferOf, decode, Player } from "../sound/player.js";

/** @typedef {{id: string, player: Player, chosen: string | null, buffers: AudioBuffer[]}} Trial */

/** @type {import("../film.js").Mount} */
export function mount(element, bytes) {
  const host = hostIn(element, "abx");
  let trial = open(host, bytes);
  return {
    update(next) {
      if (unpack(next).header.id === trial.id) return;
      trial.player.close();
      trial = open(host, next);
    },
    destroy() {
      trial.player.close();
      host.remove();
    },
  };
}

/**
 * One trial in the element; the element's `qlTrial` is for whoever wants to check.
 * @param {HTMLElement & {qlTrial?: Trial}} host
 * @param {Uint8Array} bytes
 * @returns {Trial}
 */
function open(host, bytes) {
  const { header, payload } = unpack(bytes), { rate, channels, length, size } = header;
  /** @type {string[]} */
  const names = header.names;
  const refresh = () => {
    play.textContent = trial.player.playing ? "❚❚" : "▶";
    for (const choice of choices) choice.ariaPressed = String(choice.textContent === trial.chosen);
  };
  /** @type {Trial} */
  const trial = { id: header.id, chosen: null, buffers: [], player: new Player(rate, length, refresh) };
  const choose = (/** @type {string} */ name) => {
    trial.chosen = name;
    trial.player.sound(trial.buffers[names.indexOf(name)], 1);
    refresh();
  };
  const play = button("Play the trial", "▶", () => trial.player.playing ? trial.player.pause() : trial.player.play());
  const choices = names.map(name => button(`Hear ${name}`, name, () => choose(name)));
  const group = make("span", { className: "ql-whats", role: "group", ariaLabel: "What is heard in the trial" }, ...choices);
  for (const each of [play, ...choices]) each.disabled = true;
  host.qlTrial = trial;
  host.replaceChildren(make("div", { className: "ql-desk" }, play, group));
  Promise.all(names.map((_, i) => decode(payload.subarray(i * size, (i + 1) * size), channels, rate))).then(sounds => {
    if (host.qlTrial !== trial) return;
    trial.buffers = sounds.map(sound => bufferOf(sound, rate));
    for (const each of [play, ...choices]) each.disabled = false;
    choose("X");
    host.dataset.ready = header.id;
  });
  return trial;
}
