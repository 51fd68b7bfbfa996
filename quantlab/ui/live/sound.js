// Hear a level: original, quantized, or the error alone, at matched loudness, switched while playing; and see its samples.
const QL_WHATS = ["original", "quantized", "error"];

// One state of the page: its samples, and what is shown and heard of them.
function qlOpen(host, header, payload, before) {
  const keep = before && before.header.source === header.source;
  if (before) before.close(keep);
  delete host.dataset.level;
  const { rate, length, labels } = header;
  const s = { header, level: 0, what: before?.what ?? "quantized", view: keep ? before.view : { from: 0, to: length, top: 1 } };
  const tell = () => host.qlRefresh();
  s.player = keep ? before.player : qlPlayer(rate, length, tell);
  s.player.repeat(before?.player.loop ?? true);

  const samples = (i, what) => {
    if (what === "original") return s.ship.original;
    return what === "error" ? qlMinus(s.ship.levels.get(i), s.ship.original) : s.ship.levels.get(i);
  };
  const gain = (i, what) => what === "original" ? 1 : header.levels[i][what === "error" ? "error_gain" : "gain"];
  const lines = i => {
    const { table, scale, shift } = header.levels[i];
    if (table) return table[1] <= 1024 ? new Float32Array(payload.buffer, table[0], table[1] / 4) : [];
    const reach = Math.ceil(s.view.top / scale) + 1;
    return reach < 100 ? Array.from({ length: 2 * reach + 1 }, (_, k) => (k - reach) * scale + shift) : [];
  };

  s.draw = () => {
    const heard = s.ship.levels.get(s.level)?.[0], original = s.ship.original?.[0];
    if (!heard) return;
    const near = host.querySelector("canvas").clientWidth / (s.view.to - s.view.from) >= 1;
    const layers = [{ samples: original, gain: 1, color: QL_COLOR.original, alpha: s.what === "original" ? 0.9 : near ? 0.8 : 0.4, line: near && s.what !== "original" }];
    if (s.what === "quantized") layers.push({ samples: heard, gain: 1, color: QL_COLOR.quantized, alpha: near ? 1 : 0.75 });
    if (s.what === "error") layers.push({ samples: samples(s.level, "error")[0], gain: gain(s.level, "error"), color: QL_COLOR.error, alpha: 0.85 });
    qlWave(host.querySelector("canvas"), s.view, layers, s.what === "quantized" ? lines(s.level) : [], rate);
  };
  s.look = (from, to) => { // the axis follows the original alone: it stands still while the slider moves
    const span = Math.min(length, Math.max(Math.min(24, length), to - from)), start = Math.max(0, Math.min(length - span, from));
    let top = 0;
    for (let k = Math.floor(start); k < Math.min(length, start + span); k++) top = Math.max(top, Math.abs(s.ship.original[0][k]));
    s.view = { from: start, to: start + span, top: top * 1.1 || 1 };
    s.draw();
  };
  s.sound = () => {
    if (s.heard === `${s.level} ${s.what}`) return;
    s.heard = `${s.level} ${s.what}`;
    s.player.sound(qlBuffer(samples(s.level, s.what), rate), gain(s.level, s.what));
  };
  s.show = i => { // false while that level is still being decoded
    s.level = s.ship.wanted = i;
    if (!s.ship.levels.has(i)) return false;
    s.sound();
    s.draw();
    tell();
  };
  s.choose = what => {
    s.what = what;
    if (s.ship.levels.has(s.level)) s.show(s.level);
  };
  s.close = keepPlayer => {
    s.ship.alive = false;
    if (!keepPlayer) s.player.close();
  };
  // The samples as the graph gives them: for a file, and for whoever wants to check.
  s.render = async (label, what, matched = false) => {
    await s.ship.done;
    const i = labels.indexOf(label), context = new OfflineAudioContext(header.channels, length, rate);
    const source = context.createBufferSource(), level = context.createGain();
    source.buffer = qlBuffer(samples(i, what), rate);
    level.gain.value = matched ? gain(i, what) : 1;
    source.connect(level).connect(context.destination);
    source.start();
    const done = await context.startRendering();
    return Array.from({ length: header.channels }, (_, c) => done.getChannelData(c));
  };
  s.ship = qlShipment(header, payload, i => {
    if (s.ship.levels.size === 1 && !keep) s.look(0, length);
    if (i !== s.level) return;
    s.show(i);
    host.dataset.level = labels[i];
  });
  s.ship.done.catch(problem => {
    host.querySelector("time").textContent = `This browser could not decode the sound: ${problem.message}`;
    throw problem;
  });
  return s;
}

// Buttons, canvas, playhead and keys: made once, always about the state that is open.
function qlDesk(host) {
  const now = () => host.qlState;
  const desk = document.createElement("div"), stage = document.createElement("div");
  desk.className = "ql-desk";
  stage.className = "ql-stage";
  stage.innerHTML = '<canvas role="img"></canvas><i></i>';
  const [canvas, head] = stage.children;
  const toggle = () => now().player.playing ? now().player.pause() : now().player.play();
  const play = qlButton("Play", "▶", toggle), loop = qlButton("Repeat", "⟳", () => { now().player.repeat(!now().player.loop); host.qlRefresh(); });
  const whats = document.createElement("span"), time = document.createElement("time"), zooms = document.createElement("span");
  whats.className = "ql-whats";
  whats.setAttribute("role", "group");
  whats.setAttribute("aria-label", "What is heard");
  whats.append(...QL_WHATS.map(what => {
    const button = qlButton(what, what, () => now().choose(what));
    button.dataset.what = what;
    return button;
  }));
  const zoom = factor => () => {
    const { from, to } = now().view, span = (to - from) * factor, at = now().player.position();
    const centre = at > from && at < to ? at : (from + to) / 2;
    now().look(centre - span / 2, centre + span / 2);
    host.qlRefresh();
  };
  zooms.className = "ql-zooms";
  zooms.append(qlButton("Zoom out", "−", zoom(4)), qlButton("Zoom in", "+", zoom(0.25)));
  desk.append(play, loop, whats, time, zooms);
  host.replaceChildren(desk, stage);

  const place = event => {
    const { from, to } = now().view, box = canvas.getBoundingClientRect();
    return from + ((event.clientX - box.x) / box.width) * (to - from);
  };
  let grip = null;
  canvas.onpointerdown = event => { grip = { at: place(event), x: event.clientX, moved: false }; canvas.setPointerCapture(event.pointerId); };
  canvas.onpointermove = event => {
    if (!grip || (!grip.moved && Math.abs(event.clientX - grip.x) < 4)) return;
    grip.moved = true;
    const { from, to } = now().view, by = grip.at - place(event);
    now().look(from + by, to + by);
    host.qlRefresh();
  };
  canvas.onpointerup = event => { if (grip && !grip.moved) now().player.seek(place(event)); grip = null; host.qlRefresh(); };
  new ResizeObserver(() => now()?.draw()).observe(canvas);

  const key = event => {
    if (!host.isConnected) return document.removeEventListener("keydown", key);
    if (!qlKeyIsFree(event)) return;
    if (event.key === " ") { event.preventDefault(); toggle(); }
    else if (QL_WHATS["123".indexOf(event.key)]) now().choose(QL_WHATS["123".indexOf(event.key)]);
  };
  document.addEventListener("keydown", key);

  let frame = 0;
  const later = () => { cancelAnimationFrame(frame); frame = requestAnimationFrame(tick); };
  const tick = () => {
    const s = now(), at = s.player.position(), share = (at - s.view.from) / (s.view.to - s.view.from);
    if (!host.isConnected) return s.close(false);
    head.style.transform = `translateX(${(share * canvas.clientWidth).toFixed(1)}px)`;
    head.hidden = share < 0 || share > 1;
    time.textContent = `${(at / s.header.rate).toFixed(1)} of ${(s.header.length / s.header.rate).toFixed(1)} s`;
    if (s.player.playing) later();
  };
  host.qlRefresh = () => {
    const s = now();
    if (!s) return;
    const { playing } = s.player;
    play.textContent = playing ? "❚❚" : "▶";
    play.setAttribute("aria-label", playing ? "Pause" : "Play");
    play.title = `${playing ? "Pause" : "Play"} (space)`;
    loop.setAttribute("aria-pressed", s.player.loop);
    for (const button of whats.children) {
      const { what } = button.dataset, by = s.header.levels[s.level].error_gain;
      button.setAttribute("aria-pressed", what === s.what);
      const name = what[0].toUpperCase() + what.slice(1) + (what === "error" && by !== 1 ? ` ×${by}` : "");
      if (button.textContent !== name) button.textContent = name;
      button.setAttribute("aria-label", name);
      button.title = `${name} (${QL_WHATS.indexOf(what) + 1})`;
    }
    canvas.setAttribute("aria-label", s.header.alt);
    later();
  };
}

export default function ({ data, parentElement }) {
  const { header, payload } = qlUnpack(data);
  const host = qlHost(parentElement, "ql-sound");
  host.dataset.film = "sound";
  if (!host.firstChild) qlDesk(host);
  if (host.qlState?.header.id !== header.id) host.qlState = qlOpen(host, header, payload, host.qlState);
  const s = host.qlState, leave = qlJoin(header, host, s.show);
  host.qlSound = {
    get time() { return s.player.position() / header.rate; },
    get playing() { return s.player.playing; },
    get level() { return host.dataset.level; },
    get what() { return s.what; },
    get decoded() { return s.ship.levels.size; },
    get context() { return s.player.context; },
    render: s.render,
  };
  return () => {
    leave();
    setTimeout(() => { if (!host.isConnected) s.close(false); }, 500); // gone for good, not just shown anew
  };
}
