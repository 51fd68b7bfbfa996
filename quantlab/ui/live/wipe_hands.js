// The wipe's parts, its buttons, and what mouse, fingers and keys do with it.
function qlWipeParts(host) {
  host.innerHTML = `<div class="ql-wipe-bar"><div class="ql-wipe-views" role="group" aria-label="What is compared"></div>
    <label class="ql-wipe-gain" hidden><select aria-label="How much the error is amplified"></select></label><i></i>
    <div class="ql-wipe-zooms" role="group" aria-label="Zoom"><output class="ql-wipe-scale"></output></div></div>
    <div class="ql-wipe-stage"><canvas class="ql-wipe-canvas" role="img"></canvas><span></span><span></span>
    <div class="ql-wipe-divider" role="slider" tabindex="0" aria-label="Divider between left and right picture" aria-valuemin="0" aria-valuemax="100"></div>
    <p class="ql-wipe-problem" role="alert" hidden>This picture did not arrive. Reload the page to have it made again.</p></div>`;
  host.querySelector(".ql-wipe-divider").title =
    "Drag; 1, 2, 3: left, half, right. Ctrl and wheel, pinch, or + and − zoom; drag moves what is larger than the frame.";
}

function qlWipeButton(text, press, pressed) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = text;
  if (pressed !== undefined) button.setAttribute("aria-pressed", pressed);
  button.onclick = press;
  return button;
}

function qlWipeControls({ header, kept, place, find, look, repaint, setStateValue }) {
  const views = find("views"), gain = find("gain"), zooms = find("zooms");
  const show = () => {
    for (const [k, [slug]] of header.views.entries()) views.children[k].setAttribute("aria-pressed", slug === kept.view);
    gain.hidden = kept.view !== "error";
  };
  views.replaceChildren(...header.views.map(([slug, title]) => qlWipeButton(title, () => {
    if (kept.view === slug) return;
    kept.view = slug;
    show();
    repaint();
    setStateValue("view", slug);
  }, false)));
  const select = gain.querySelector("select");
  select.replaceChildren(...QL_GAINS.map(n => new Option(`× ${n}`, n, n === kept.gain, n === kept.gain)));
  select.onchange = () => { kept.gain = +select.value; repaint(); };
  const scale = find("scale");
  zooms.replaceChildren(scale, ...[["Fit", () => place.fit()], ["100 %", () => place.zoom(1)], ["800 %", () => place.zoom(8)]]
    .map(([text, act]) => qlWipeButton(text, () => { act(); look(); })));
  show();
}

function qlWipeHands({ stage, divider, kept, place, group, look }) {
  const local = e => {
    const box = stage.getBoundingClientRect();
    return [e.clientX - box.left, e.clientY - box.top];
  };
  const move = share => { kept.at = Math.min(1, Math.max(0, share)); look(); };
  const pointers = new Map();
  let drags = null, pinch = 0, way = 0; // how far the finger went since it came down
  const spread = () => {
    const [[a, b], [c, d]] = pointers.values();
    return Math.hypot(a - c, b - d);
  };
  stage.onpointerdown = e => {
    pointers.set(e.pointerId, local(e));
    stage.setPointerCapture(e.pointerId);
    const near = Math.abs(local(e)[0] - kept.at * place.W) < (e.pointerType === "touch" ? 28 : 12);
    way = 0;
    drags = pointers.size > 1 ? "pinch" : near || !place.movable ? "divider" : "picture";
    if (drags === "pinch") pinch = spread();
    if (drags === "divider") { divider.focus({ preventScroll: true }); move(local(e)[0] / place.W); }
    e.preventDefault();
  };
  stage.onpointermove = e => {
    const [x, y] = local(e);
    const row = Math.floor(place.toPicture(x, y)[1]);
    if (row >= 0 && row < place.height && drags !== "pinch") { qlPoint(group, { row }); if (!drags) look(); }
    if (!pointers.has(e.pointerId)) return;
    const [px, py] = pointers.get(e.pointerId);
    pointers.set(e.pointerId, [x, y]);
    if (drags === "divider") move(x / place.W);
    way += Math.abs(x - px) + Math.abs(y - py);
    if (drags === "picture") { place.pan(x - px, y - py); look(); }
    if (drags === "pinch" && pointers.size === 2) {
      const now = spread(), [[a, b], [c, d]] = pointers.values();
      place.zoom(place.scale * now / pinch, (a + c) / 2, (b + d) / 2);
      pinch = now;
      look();
    }
  };
  stage.onpointerup = e => {
    if (drags === "picture" && way < 5) move(local(e)[0] / place.W); // a click, no drag
    stage.onpointercancel(e);
  };
  stage.onpointercancel = e => { pointers.delete(e.pointerId); drags = null; };
  stage.onwheel = e => { // a page must scroll under the wheel: zoom with Ctrl (which is what a pinch sends), or once it has focus
    if (!e.ctrlKey && !e.metaKey && document.activeElement !== divider) return;
    e.preventDefault();
    place.zoom(place.scale * 2 ** (-e.deltaY / (e.ctrlKey ? 100 : 300)), ...local(e));
    look();
  };
  const keys = new AbortController();
  const jump = { 1: 1, 2: 0.5, 3: 0 }; // only the left picture, both, only the right one
  document.addEventListener("keydown", e => {
    const typing = e.target.closest?.("input:not([type=range]), textarea, select, [contenteditable=true]");
    if (!typing && !e.ctrlKey && !e.metaKey && !e.altKey && e.key in jump) move(jump[e.key]);
  }, { signal: keys.signal });
  divider.onkeydown = e => {
    const step = e.shiftKey ? 0.1 : 0.02, rows = e.shiftKey ? 10 : 1, probe = qlProbe(group);
    const act = {
      ArrowLeft: () => move(kept.at - step), ArrowRight: () => move(kept.at + step), Home: () => move(0), End: () => move(1),
      ArrowUp: () => qlPoint(group, { row: Math.max(0, probe.row - rows) }),
      ArrowDown: () => qlPoint(group, { row: Math.min(place.height - 1, probe.row + rows) }),
      "+": () => place.zoom(place.scale * 2), "-": () => place.zoom(place.scale / 2), 0: () => place.fit(),
    }[e.key];
    if (!act || e.ctrlKey || e.metaKey) return;
    e.preventDefault();
    act();
    look();
  };
  return keys;
}
