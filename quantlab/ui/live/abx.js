// A blind trial: A, B and X at the same place, switched without a gap. Which of them X is, nobody here knows.
export default function ({ data, parentElement }) {
  const { header, payload } = qlUnpack(data);
  const host = qlHost(parentElement, "ql-abx");
  if (host.qlTrial?.id === header.id) return;
  host.qlTrial?.player.close();
  const { names, rate, channels, length, size } = header;
  const trial = host.qlTrial = { id: header.id, chosen: null, buffers: [], player: qlPlayer(rate, length, () => refresh()) };
  const desk = document.createElement("div");
  desk.className = "ql-desk";
  const play = qlButton("Play the trial", "▶", () => trial.player.playing ? trial.player.pause() : trial.player.play());
  const choose = name => {
    trial.chosen = name;
    trial.player.sound(trial.buffers[names.indexOf(name)], 1);
    refresh();
  };
  const group = document.createElement("span");
  group.className = "ql-whats";
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", "What is heard in the trial");
  group.append(...names.map(name => qlButton(`Hear ${name}`, name, () => choose(name))));
  desk.append(play, group);
  host.replaceChildren(desk);
  const buttons = desk.querySelectorAll("button");
  buttons.forEach(button => { button.disabled = true; });
  function refresh() {
    play.textContent = trial.player.playing ? "❚❚" : "▶";
    [...group.children].forEach(button => button.setAttribute("aria-pressed", button.textContent === trial.chosen));
  }
  const watch = () => {
    if (!host.isConnected) trial.player.close();
    else if (host.qlTrial === trial) setTimeout(watch, 300);
  };
  watch();
  Promise.all(names.map((_, i) => qlDecode(payload.subarray(i * size, (i + 1) * size), channels, rate))).then(sounds => {
    trial.buffers = sounds.map(sound => qlBuffer(sound, rate));
    buttons.forEach(button => { button.disabled = false; });
    choose("X");
    host.dataset.ready = header.id;
  });
}
