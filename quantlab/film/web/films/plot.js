// @ts-check
// A plotly figure in which some traces move. While the thumb moves only their paths are redrawn, through the axes that
// plotly laid out (a few ms for a page, where plotly's own restyle takes 20 a chart); at rest plotly is told the data, so
// that hover, zoom and export speak of the level that is seen.
import { groupOf, join } from "../bus.js";
import { hostIn, locate, make, unpack } from "../film.js";
import { hands, skipButtons } from "../plot/hands.js";
import { onceItIsHere, plotlyFrom } from "../plot/library.js";
import { areaPath, linePath, markerPlace, rulerOf } from "../plot/paths.js";
import { arrayOf, restyle, tracesAt, uid } from "../plot/tracks.js";
import { inType, typeScale } from "../plot/type.js";

const REST = 250; // milliseconds after which plotly is told
const LATE = 5000; // milliseconds after which a chart says what it waits for

const CONFIG = {
  responsive: true,
  displaylogo: false,
  showSendToCloud: false, // plotly's default offers to upload a person's data
  modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d", "zoomIn2d", "zoomOut2d"],
};

/** @typedef {{track: import("../plot/tracks.js").Track, x: import("../plot/paths.js").Ruler, y: import("../plot/paths.js").Ruler}} Ruled */
/** @typedef {Ruled & {lines: NodeListOf<Element>, fill: Element | null, points: NodeListOf<Element>}} Drawn a trace as plotly drew it */

/** @type {import("../film.js").Mount} */
export function mount(element, bytes, options = {}) {
  const host = hostIn(element, "plot");
  host.setAttribute("role", "figure"); // in an image nothing could be pressed
  hands(host);
  const watch = new ResizeObserver(() => resize()); // plotly itself hears only of the window's size
  let stop = () => {}, resize = () => {};

  /** @param {Uint8Array} film @param {import("../film.js").Options} caller */
  const show = (film, caller) => {
    const { header, payload } = unpack(film);
    header.figure.layout = inType(header.figure.layout, typeScale(), innerHeight);
    if (header.tracks.length) host.dataset.film = "plot"; // without a trace that moves it is a picture, no film
    host.setAttribute("aria-label", header.alt);
    host.style.height = `${header.figure.layout.height}px`;
    const url = locate(caller.plotly ?? "plotly.min.js", caller), state = { alive: true };
    let leave = () => {}, before = stop; // the film before plays on until this one is drawn
    stop = () => {
      state.alive = false;
      leave();
      before();
    };
    const attempt = () => {
      const waiting = setTimeout(() => say(host, "This chart waits for plotly.js, which is still on its way.", attempt), LATE);
      plotlyFrom(url).then(async Plotly => {
        clearTimeout(waiting);
        if (!state.alive) return;
        say(host, "");
        const chart = await draw(host, Plotly, header, new Float32Array(payload.buffer), caller, state);
        if (!state.alive) return;
        before();
        before = () => {};
        ({ leave, resize } = chart);
        watch.observe(host);
      }, () => {
        clearTimeout(waiting);
        if (!state.alive) return;
        say(host, "This chart is not drawn, because plotly.js did not arrive from the server.", attempt);
        onceItIsHere(attempt);
      });
    };
    say(host, "");
    attempt();
  };
  show(bytes, options);
  return {
    update: (next, others = options) => show(next, others),
    destroy() {
      watch.disconnect();
      stop();
      host.remove();
    },
  };
}

/**
 * One film on plotly's chart in this element.
 * @param {any} host the element, which plotly extends
 * @param {import("../plot/library.js").Plotly} Plotly
 * @param {import("../film.js").Header} header
 * @param {Float32Array} floats
 * @param {import("../film.js").Options} options
 * @param {{alive: boolean}} state
 * @returns {Promise<{leave: () => void, resize: () => void}>}
 */
async function draw(host, Plotly, header, floats, { level: first, onPick }, state) {
  const { figure, tracks, labels, group } = header;
  let level = Math.max(0, labels.indexOf(groupOf(group).level ?? first ?? ""));
  let width = host.clientWidth;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let resting;
  /** @type {Drawn[]} */
  let traces = [];

  const find = () => {
    skipButtons(host);
    traces = tracks.map((/** @type {import("../plot/tracks.js").Track} */ track) => {
      const trace = host.querySelector(`.trace.trace${uid(track.trace)}`) ?? make("div"), full = host._fullData[track.trace];
      return {
        track,
        lines: trace.querySelectorAll("path.js-line"),
        fill: trace.querySelector("path.js-fill"),
        points: trace.querySelectorAll("path.point"),
        x: rulerOf(host._fullLayout[full.xaxis.replace("x", "xaxis")]),
        y: rulerOf(host._fullLayout[full.yaxis.replace("y", "yaxis")]),
      };
    });
  };
  const redraw = () => {
    for (const { track, lines, fill, points, x, y } of traces) {
      const xs = arrayOf(floats, track, "x", level), ys = arrayOf(floats, track, "y", level);
      if (points.length) {
        points.forEach((point, k) => point.setAttribute("transform", markerPlace(xs, ys, x, y, k)));
        continue;
      }
      const path = linePath(xs, ys, x, y) || "M0,0";
      lines.forEach((line, k) => line.setAttribute("d", k ? "M0,0" : path)); // plotly makes a path a gap; the first takes all
      if (fill && xs.length) fill.setAttribute("d", areaPath(path, xs, x, y));
    }
  };

  host.removeAllListeners?.("plotly_afterplot"); // of the film before: its traces are about to go
  host.removeAllListeners?.("plotly_click");
  await Plotly.react(host, tracesAt(figure.data, floats, tracks, level), figure.layout, CONFIG);
  if (!state.alive) return { leave() {}, resize() {} };
  find();
  host.on("plotly_afterplot", () => {
    if (!state.alive) return;
    find();
    redraw();
  });
  host.on("plotly_click", (/** @type {any} */ event) => onPick?.(event.points[0].x));
  const leave = !tracks.length ? () => {} : join(header, host, index => {
    const moved = index !== level;
    level = index;
    redraw();
    if (!moved) return;
    clearTimeout(resting);
    resting = setTimeout(() => Plotly.restyle(host, ...restyle(floats, tracks, level)), REST);
  }, first);
  return {
    leave() {
      clearTimeout(resting);
      leave();
    },
    resize() {
      if (!host.clientWidth || host.clientWidth === width) return;
      width = host.clientWidth;
      Plotly.Plots.resize(host).then(() => state.alive && Plotly.redraw(host)); // a legend of other rows is placed at the second draw
    },
  };
}

/**
 * One sentence in place of the chart, and a way to try again; without a sentence, the chart.
 * @param {HTMLElement} host
 * @param {string} text
 * @param {() => void} [again]
 */
function say(host, text, again) {
  host.querySelector(":scope > .ql-plot-missing")?.remove();
  if (!text) return;
  const button = make("button", { type: "button", textContent: "Try again" });
  button.onclick = () => again?.();
  host.append(make("p", { className: "ql-plot-missing", role: "alert" }, make("span", { textContent: text }), button));
}
