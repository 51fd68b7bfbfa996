// @ts-check
// A blind trial: A, B and X at the same place, switched without a gap. Which of them X is, nobody here knows.
// Once X and one of the others have sounded for a moment, the caller is told: who has not listened has nothing to answer.
import { hostIn, make, unpack } from "../film.js";
import { button } from "../sound/buttons.js";
import { bufferOf, decode, Player } from "../sound/player.js";

/** @typedef {{id: string, player: Player, chosen: string | null, buffers: AudioBuffer[], heard: Set<string>}} Trial */

const MOMENT = 300; // milliseconds that a sound is played before it is heard

/** @type {import("../film.js").Mount} */
export function mount(element, bytes, options = {}) {
  const host = hostIn(element, "abx");
  let trial = open(host, bytes, options);
  return {
    update(next, others = options) {
      if (unpack(next).header.id === trial.id) return;
      trial.player.close();
      trial = open(host, next, others);
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
 * @param {import("../film.js").Options} options
 * @returns {Trial}
 */
function open(host, bytes, options) {
  const { header, payload } = unpack(bytes), { rate, channels, length, size } = header;
  /** @type {string[]} */
  const names = header.names;
  const refresh = () => {
    play.textContent = trial.player.playing ? "❚❚" : "▶";
    for (const choice of choices) choice.ariaPressed = String(choice.textContent === trial.chosen);
    const { chosen } = trial;
    if (chosen && trial.player.playing) setTimeout(() => { if (trial.player.playing && trial.chosen === chosen) hear(chosen); }, MOMENT);
  };
  const hear = (/** @type {string} */ name) => {
    const enough = () => trial.heard.has("X") && trial.heard.size > 1, before = enough();
    trial.heard.add(name);
    if (!before && enough()) options.onPick?.(trial.id);
  };
  /** @type {Trial} */
  const trial = { id: header.id, chosen: null, buffers: [], heard: new Set(), player: new Player(rate, length, refresh, text => { silence.textContent = text; }) };
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
  const silence = make("p", { className: "ql-silence", role: "alert" });
  host.replaceChildren(make("div", { className: "ql-desk" }, play, group), silence);
  Promise.all(names.map((_, i) => decode(payload.subarray(i * size, (i + 1) * size), channels, rate))).then(sounds => {
    if (host.qlTrial !== trial) return;
    trial.buffers = sounds.map(sound => bufferOf(sound, rate));
    for (const each of [play, ...choices]) each.disabled = false;
    choose("X");
    host.dataset.ready = header.id;
  });
  return trial;
}
