// @ts-check
// Two versions of one picture on one canvas, split by a divider: what is left of it and what is right of it depends on
// the view. Zoom and pan are the same for both, because it is one picture.
import { join, repaint } from "../bus.js";
import { fit, hostIn, locate, unpack } from "../film.js";
import { controls } from "../picture/controls.js";
import { hands } from "../picture/hands.js";
import { Place } from "../picture/place.js";
import { difference, fetched, NOTHING, sideOf, still } from "../picture/sides.js";
import { Stage } from "../picture/stage.js";
import { point, probeOf } from "../probe.js";

/** @typedef {import("../picture/sides.js").Side} Side */
/** @typedef {{side: Side, name: (level: number) => string}} Half one side and what it is called */
/**
 * What a person set, over all films in this element: divider from 0 to 1, gain of the error, view.
 * @typedef {{at: number, gain: number, view: string, told: string, place: Place}} Look
 */

/** @type {import("../film.js").Mount} */
export function mount(element, bytes, options = {}) {
  const host = hostIn(element, "wipe"), stage = new Stage(host);
  host.dataset.film = "wipe";
  /** @type {Look} */
  const kept = { at: 0.5, gain: 4, view: "", told: "", place: new Place(0, 0) };
  Object.assign(host, { ql: kept }); // for whoever wants to check
  let close = play(host, stage, kept, bytes, options);
  return {
    update(next, others = options) {
      close();
      close = play(host, stage, kept, next, others);
    },
    destroy() {
      close();
      host.remove();
    },
  };
}

/**
 * One film on the stage.
 * @param {HTMLElement} host
 * @param {Stage} stage
 * @param {Look} kept
 * @param {Uint8Array} bytes
 * @param {import("../film.js").Options} options
 * @returns {() => void} closes it
 */
function play(host, stage, kept, bytes, options) {
  const { header, payload } = unpack(bytes), { group, width, height } = header;
  /** @type {[string, string][]} */
  const views = header.views;
  if (kept.told !== header.view || !views.some(([slug]) => slug === kept.view)) kept.view = header.view;
  kept.told = header.view;
  if (kept.place.width !== width || kept.place.height !== height) kept.place = new Place(width, height);
  const { place } = kept;

  const again = (/** @type {boolean} */ failed) => {
    stage.problem.hidden = !failed;
    if (failed) stage.wait("");
    if (!failed) repaint(group, host);
  };
  const halves = halvesOf(header, payload, options, kept, again);
  const layers = [0, 1].map(() => /** @type {OffscreenCanvasRenderingContext2D} */ (new OffscreenCanvas(width, height).getContext("2d")));

  const draw = () => {
    const W = stage.box.clientWidth, H = stage.box.clientHeight;
    if (W && H && (place.W !== W || place.H !== H)) place.resize(W, H);
    const context = fit(stage.canvas, W, H);
    if (!context) return;
    const cut = Math.round(kept.at * W);
    drawHalves(context, layers.map(layer => layer.canvas), place, cut);
    const { row } = probeOf(group);
    if (row !== null) drawRow(context, W, place.y + (row + 0.5) * place.scale);
    stage.show(kept);
  };
  const paint = (/** @type {number} */ i) => {
    const sides = halves[kept.view](), images = sides.map(half => half.side.at(i));
    stage.wait(images.includes(null) ? `The picture ${header.words[i] ? `at ${header.words[i]}` : "of this level"}` : "");
    if (images.includes(null)) return false; // on its way; again() comes back here
    images.forEach((image, k) => layers[k].putImageData(/** @type {ImageData} */ (image), 0, 0));
    sides.forEach((half, k) => { stage.chips[k].textContent = half.name(i); });
    draw();
    for (const half of sides) half.side.ahead(i);
    return true;
  };
  const look = () => {
    draw();
    point(group, place.columns());
  };

  controls({ stage, kept, views, look, repaint: () => repaint(group, host), pick: slug => options.onPick?.(slug) });
  stage.canvas.setAttribute("aria-label", header.alt);
  const release = hands({ stage, kept, group, look }), { row } = probeOf(group);
  if (row === null || row >= height) point(group, { row: Math.floor(height / 2) });
  const leave = join(header, host, paint, options.level);
  look();
  const watch = new ResizeObserver(look);
  watch.observe(stage.box);
  return () => {
    watch.disconnect();
    stage.wait("");
    release();
    leave();
  };
}

/**
 * Left and right half of every view.
 * @param {import("../film.js").Header} header
 * @param {Uint8Array} payload
 * @param {import("../film.js").Options} options
 * @param {Look} kept
 * @param {import("../picture/sides.js").Again} again
 * @returns {Record<string, () => Half[]>}
 */
function halvesOf(header, payload, options, kept, again) {
  const original = still(locate(header.original, options), again);
  const side = (/** @type {string} */ name) => sideOf(header.sides[name], original, payload, options, again);
  const quantized = side("quantized"), plain = header.sides.plain ? side("plain") : NOTHING;
  const map = header.ssim.length ? fetched(header.ssim.map((/** @type {string} */ url) => locate(url, options)), again) : NOTHING;
  const error = difference(original, quantized, () => kept.gain);
  const left = { side: quantized, name: () => header.quantized };
  const right = { side: quantized, name: (/** @type {number} */ i) => `${header.quantized}, ${header.words[i]}` };
  return {
    original: () => [{ side: original, name: () => "Original" }, right],
    plain: () => [{ side: plain, name: () => "No dither" }, right],
    error: () => [left, { side: error, name: i => `Error × ${kept.gain}, ${header.words[i]}; grey: none` }],
    ssim: () => [left, { side: map, name: i => `SSIM map, ${header.words[i]}; dark: unlike` }],
  };
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {OffscreenCanvas[]} layers the left and the right picture
 * @param {Place} place
 * @param {number} cut where one ends and the other begins
 */
function drawHalves(context, layers, place, cut) {
  context.imageSmoothingEnabled = place.scale * (window.devicePixelRatio || 1) < 1;
  context.imageSmoothingQuality = "high";
  [[0, cut], [cut, place.W]].forEach(([from, to], k) => {
    context.save();
    context.beginPath();
    context.rect(from, 0, to - from, place.H);
    context.clip();
    context.drawImage(layers[k], place.x, place.y, place.width * place.scale, place.height * place.scale);
    context.restore();
  });
}

/**
 * A mark at both edges of the stage: this row is looked at.
 * @param {CanvasRenderingContext2D} context
 * @param {number} W
 * @param {number} y
 */
function drawRow(context, W, y) {
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
