// Two versions of one picture on one canvas, split by a divider: what is left of it and what is right of it depends on
// the view. Zoom and pan are the same for both, because it is one picture.
const QL_GAINS = [1, 2, 4, 8, 16, 32];

export default function ({ data, parentElement, setStateValue }) {
  const { header, payload } = qlUnpack(data);
  const { group, width, height } = header;
  const host = qlHost(parentElement, "ql-wipe");
  host.dataset.film = "wipe";
  if (!host.firstChild) qlWipeParts(host);
  const kept = (host.ql ??= { at: 0.5, gain: 4, view: null, told: null });
  if (kept.view === null || kept.told !== header.view || !header.views.some(([slug]) => slug === kept.view)) kept.view = header.view;
  kept.told = header.view;
  if (kept.size !== `${width} ${height}`) {
    kept.size = `${width} ${height}`;
    kept.place = new QlView(width, height);
  }
  const place = kept.place;
  const find = name => host.querySelector(`.ql-wipe-${name}`);
  const [stage, canvas, divider, views, gain, problem] = ["stage", "canvas", "divider", "views", "gain", "problem"].map(find);
  const context = canvas.getContext("2d");
  const state = { level: -1, leave() {} };

  const again = failed => {
    problem.hidden = !failed;
    if (!failed) qlAgain(group, host);
  };
  const quantized = qlSide(header.sides.quantized, header.original, payload, again);
  const original = qlSide({ url: header.original }, header.original, payload, again);
  const plain = header.sides.plain && qlSide(header.sides.plain, header.original, payload, again);
  const map = header.ssim.length ? qlSide({ urls: header.ssim }, header.original, payload, again) : { at: () => null, ahead() {} };
  const name = i => `${header.quantized}, ${header.words[i]}`;
  const VIEWS = {
    original: () => [original, "Original", quantized, name],
    plain: () => [plain, "No dither", quantized, name],
    error: () => [quantized, header.quantized, qlError(original, quantized, () => kept.gain), i => `Error × ${kept.gain}, ${header.words[i]}; grey: none`],
    ssim: () => [quantized, header.quantized, map, i => `SSIM map, ${header.words[i]}; dark: unlike`],
  };

  const layers = [0, 1].map(() => new OffscreenCanvas(width, height));
  const draw = () => {
    const ratio = window.devicePixelRatio || 1;
    const [W, H] = [stage.clientWidth, stage.clientHeight];
    if (!W || !H) return;
    if (place.W !== W || place.H !== H) place.resize(W, H);
    if (canvas.width !== Math.round(W * ratio)) canvas.width = Math.round(W * ratio);
    if (canvas.height !== Math.round(H * ratio)) canvas.height = Math.round(H * ratio);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, W, H);
    context.imageSmoothingEnabled = place.scale * ratio < 1;
    context.imageSmoothingQuality = "high";
    const cut = Math.round(kept.at * W);
    [[0, cut], [cut, W]].forEach(([from, to], k) => {
      context.save();
      context.beginPath();
      context.rect(from, 0, to - from, H);
      context.clip();
      context.drawImage(layers[k], place.x, place.y, width * place.scale, height * place.scale);
      context.restore();
    });
    const row = qlProbe(group).row;
    if (row !== null) {
      const y = place.y + (row + 0.5) * place.scale;
      for (const [x, way] of [[0, 1], [W, -1]]) {
        context.fillStyle = "#fff";
        context.strokeStyle = "#000";
        context.beginPath();
        context.moveTo(x, y - 6);
        context.lineTo(x + 9 * way, y);
        context.lineTo(x, y + 6);
        context.fill();
        context.stroke();
      }
    }
    divider.style.left = `${kept.at * 100}%`;
    divider.setAttribute("aria-valuenow", Math.round(kept.at * 100));
    for (const [k, chip] of [...stage.querySelectorAll("span")].entries()) chip.hidden = k ? kept.at > 0.94 : kept.at < 0.06;
    stage.style.touchAction = place.movable ? "none" : "pan-y";
    find("scale").textContent = `${Math.round(place.scale * 100)} %`;
    host.dataset.scale = place.scale.toFixed(3);
    host.dataset.at = kept.at.toFixed(3);
    host.dataset.view = kept.view;
  };

  const paint = i => {
    state.level = i;
    const [left, leftName, right, rightName] = VIEWS[kept.view]();
    const images = [left.at(i), right.at(i)];
    if (!images[0] || !images[1]) return false; // on its way; again() comes back here
    images.forEach((image, k) => layers[k].getContext("2d").putImageData(image, 0, 0));
    [leftName, rightName(i)].forEach((text, k) => { stage.querySelectorAll("span")[k].textContent = text; });
    draw();
    for (const side of [left, right]) side.ahead(i);
    return true;
  };

  const look = () => { draw(); qlPoint(group, qlShown(place)); };
  qlWipeControls({ header, kept, place, find, look, repaint: () => qlAgain(group, host), setStateValue });
  canvas.setAttribute("aria-label", header.alt);
  const keys = qlWipeHands({ stage, divider, kept, place, group, look });
  const probe = qlProbe(group);
  if (probe.row === null || probe.row >= height) qlPoint(group, { row: Math.floor(height / 2) });
  state.leave = qlJoin(header, host, paint);
  look();
  const watch = new ResizeObserver(look);
  watch.observe(stage);
  return () => {
    watch.disconnect();
    keys.abort();
    state.leave();
  };
}

// The signed error: grey is none, lighter is too bright, darker too dark.
function qlError(original, quantized, gain) {
  let made = null;
  return {
    at(i) {
      const [a, b] = [original.at(i), quantized.at(i)];
      if (!a || !b) return null;
      made ??= new ImageData(a.width, a.height);
      const times = gain();
      for (let k = 0; k < a.data.length; k++) made.data[k] = k % 4 === 3 ? 255 : 128 + times * (b.data[k] - a.data[k]);
      return made;
    },
    ahead: i => quantized.ahead(i),
  };
}

// The columns of the picture that are in sight.
function qlShown(place) {
  const [from] = place.toPicture(0, 0), [to] = place.toPicture(place.W, 0);
  return { from: Math.max(0, Math.floor(from)), to: Math.min(place.width, Math.ceil(to)) };
}
