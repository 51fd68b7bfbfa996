// @ts-check
// A figure in which some traces move. It is drawn at once by `sketch.js`, from the same figure that plotly takes; plotly is
// fetched for the first person who points at a chart (read-out, zoom, export), and draws that chart from then on. Whoever drew
// it, only the paths that move are written anew while the thumb moves; at rest plotly is told the data.
import { groupOf, join, levelAt } from "../bus.js";
import { hostIn, locate, make, unpack } from "../film.js";
import { hands, skipButtons } from "../plot/hands.js";
import { plotlyFrom } from "../plot/library.js";
import { drawnIn, move } from "../plot/move.js";
import { rulerOf } from "../plot/paths.js";
import { growth, inRoom, sketch } from "../plot/sketch.js";
import { arrayOf, restyle, tracesAt, uid } from "../plot/tracks.js";
import { inType, typeScale } from "../plot/type.js";

const REST = 250; // milliseconds after which plotly is told
const LATE = 5000; // milliseconds after which a chart says what it waits for
const NEAR = 20; // pixels from a click to the value that is picked

const CONFIG = {
  responsive: true,
  displaylogo: false,
  showSendToCloud: false, // plotly's default offers to upload a person's data
  modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d", "zoomIn2d", "zoomOut2d"],
};

/** @typedef {import("../plot/tracks.js").Track} Track */
/** @typedef {import("../film.js").Options} Options */
/** @typedef {{resize: (width: number) => void, pick: (event: MouseEvent) => void, takeOver: () => void, leave: () => void}} Chart */

/** @type {import("../film.js").Mount} */
export function mount(element, bytes, options = {}) {
  const host = hostIn(element, "plot"), away = new AbortController(), { signal } = away;
  host.setAttribute("role", "figure"); // in an image nothing could be pressed
  hands(host);
  let chart = chartOf(host, bytes, options, 0), wanted = false;
  const takeOver = () => {
    wanted = true; // also by whoever replaces this chart while plotly is on its way
    chart.takeOver();
  };
  let exact = 0; // the host's width, as the browser tells it once it has laid the page out: asking for it would do that at once
  const watch = new ResizeObserver(([{ contentRect }]) => {
    exact = contentRect.width;
    chart.resize(exact);
  });
  watch.observe(host);
  host.addEventListener("pointerenter", event => { if (event.pointerType !== "touch") takeOver(); }, { signal });
  host.addEventListener("click", event => {
    if (!(event.target instanceof HTMLButtonElement)) chart.pick(event);
    takeOver();
  }, { signal });
  host.addEventListener("focusin", takeOver, { signal }); // plotly's buttons are reached by keys
  return {
    update(next, others = options) {
      chart.leave();
      chart = chartOf(host, next, others, exact);
      if (wanted) chart.takeOver();
    },
    destroy() {
      away.abort();
      watch.disconnect();
      chart.leave();
      host.remove();
    },
  };
}

/**
 * One film in this element, by plotly where it has drawn here before.
 * @param {any} host the element, which plotly extends
 * @param {Uint8Array} bytes
 * @param {Options} options
 * @param {number} exact the element's width, 0 where it is not known yet
 * @returns {Chart}
 */
function chartOf(host, bytes, options, exact) {
  const { header, payload } = unpack(bytes), { tracks, group } = header;
  const usual = inType(header.figure.layout, typeScale(), innerHeight), figure = { ...header.figure, layout: usual }, floats = new Float32Array(payload.buffer);
  let level = Math.max(0, levelAt(header, groupOf(group).level ?? options.level ?? header.level ?? null)), width = 0, alive = true, asked = false;
  /** @type {import("../plot/move.js").Drawn[]} */
  let traces = [];
  /** @type {any} */
  let library = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let resting;

  const fit = () => {
    figure.layout = { ...usual, height: usual.height + growth(figure, valuesAt(figure.data, floats, tracks, level), exact) };
    host.style.height = `${figure.layout.height}px`;
  };
  const drawSketch = () => {
    width = Math.round(exact);
    if (!width) return;
    fit();
    host.querySelector(":scope > .ql-sketch")?.remove();
    const drawn = sketch(host, { ...figure, layout: inRoom(figure.layout, width) }, valuesAt(figure.data, floats, tracks, level), exact);
    traces = tracks.map((/** @type {Track} */ track) => drawnIn(track, drawn.traces[track.trace].group, drawn.traces[track.trace].x, drawn.traces[track.trace].y));
  };
  const findPlotly = () => {
    skipButtons(host);
    traces = tracks.map((/** @type {Track} */ track) => {
      const full = host._fullData[track.trace], axis = (/** @type {string} */ name) => rulerOf(host._fullLayout[name.replace(/^[xy]/, "$&axis")]);
      return drawnIn(track, host.querySelector(`.trace.trace${uid(track.trace)}`) ?? make("div"), axis(full.xaxis), axis(full.yaxis));
    });
  };
  const drawPlotly = async (/** @type {any} */ Plotly) => {
    host.removeAllListeners?.("plotly_afterplot"); // of the film before: its traces are about to go
    host.removeAllListeners?.("plotly_click");
    fit();
    await Plotly.react(host, tracesAt(figure.data, floats, tracks, level), inRoom(figure.layout, host.clientWidth), CONFIG);
    if (!alive) return;
    host.querySelector(":scope > .ql-sketch")?.remove();
    [library, width] = [Plotly, host.clientWidth];
    const show = () => {
      if (!alive) return;
      findPlotly();
      move(traces, floats, level);
    };
    show();
    host.on("plotly_afterplot", show);
    host.on("plotly_click", (/** @type {any} */ event) => options.onPick?.(event.points[0].x));
  };
  const takeOver = async () => {
    if (asked || !width || options.plotly === null) return;
    asked = true;
    const waiting = setTimeout(() => alive && say(host, "Reading out values waits for plotly.js, which is still on its way."), LATE);
    const Plotly = await plotlyFrom(locate(options.plotly ?? "plotly.min.js", options)).catch(() => null);
    clearTimeout(waiting);
    asked = Plotly !== null;
    if (!alive) return;
    if (!Plotly) return say(host, "Values cannot be read out, because plotly.js did not arrive from the server.", true);
    say(host, "");
    await drawPlotly(Plotly);
  };

  host.setAttribute("aria-label", header.alt);
  host.style.height = `${figure.layout.height}px`;
  if (tracks.length) host.dataset.film = "plot"; // without a trace that moves it is a picture, no film
  if (host._fullLayout) {
    asked = true;
    drawPlotly(/** @type {any} */ (window).Plotly);
  } else {
    drawSketch();
    if (document.fonts.status === "loading") document.fonts.ready.then(() => { if (alive && !library) drawSketch(); });
  }
  const leave = !tracks.length ? () => {} : join(header, host, index => {
    const moved = index !== level;
    level = index;
    move(traces, floats, level);
    if (!moved || !library) return;
    clearTimeout(resting);
    resting = setTimeout(() => library.restyle(host, ...restyle(floats, tracks, level)), REST);
  }, options.level);

  return {
    takeOver,
    resize(now) {
      exact = now;
      if (!Math.round(exact) || Math.round(exact) === width) return;
      if (!library) return drawSketch();
      width = Math.round(exact);
      fit();
      const plotly = library;
      const { tickvals, ticktext } = inRoom(figure.layout, width).xaxis;
      const names = tickvals && ticktext ? { "xaxis.tickvals": tickvals, "xaxis.ticktext": ticktext } : {};
      plotly.Plots.resize(host).then(() => alive && plotly.relayout(host, names)).then(() => alive && plotly.redraw(host)); // a legend of other rows is placed at the second draw
    },
    pick(event) {
      if (library || !options.onPick) return;
      const x = nearest(figure, valuesAt(figure.data, floats, tracks, level), event.clientX - host.getBoundingClientRect().left, width);
      if (x !== null) options.onPick(x);
    },
    leave() {
      alive = false;
      clearTimeout(resting);
      leave();
    },
  };
}

/**
 * The x of all values that can be read out which lies nearest to a place in the chart, null where none is near.
 * @param {any} figure
 * @param {{xs: ArrayLike<number>}[]} values
 * @param {number} at
 * @param {number} width
 */
function nearest({ data, layout }, values, at, width) {
  const { l, r } = layout.margin, [from, to] = layout.xaxis.range, log = layout.xaxis.type === "log";
  const place = (/** @type {number} */ x) => l + ((log ? Math.log10(x) : x) - from) / (to - from) * (width - l - r);
  const all = values.flatMap(({ xs }, k) => data[k].hoverinfo === "skip" ? [] : Array.from(xs)), far = (/** @type {number} */ x) => Math.abs(place(x) - at);
  const best = all.reduce((/** @type {number | null} */ so, x) => so === null || far(x) < far(so) ? x : so, null);
  return best !== null && far(best) <= NEAR ? best : null;
}

/**
 * The values of every trace at a level, and how many points it has at most.
 * @param {any[]} data
 * @param {Float32Array} floats
 * @param {Track[]} tracks
 * @param {number} level
 */
function valuesAt(data, floats, tracks, level) {
  return data.map((trace, k) => {
    const track = tracks.find(one => one.trace === k), number = (/** @type {number | null} */ value) => value ?? NaN;
    if (!track) return { xs: trace.x.map(number), ys: trace.y.map(number), most: trace.x.length };
    const most = Math.max(...track.x.map(([, length]) => length));
    return { xs: arrayOf(floats, track, "x", level), ys: arrayOf(floats, track, "y", level), most };
  });
}

/**
 * One sentence over the chart, and a way to try again: a click within the chart asks for plotly.
 * @param {HTMLElement} host
 * @param {string} text
 * @param {boolean} [again]
 */
function say(host, text, again = false) {
  host.querySelector(":scope > .ql-plot-missing")?.remove();
  if (!text) return;
  const button = make("button", { type: "button", textContent: "Try again" });
  host.append(make("p", { className: "ql-plot-missing", role: "alert" }, make("span", { textContent: text }), ...again ? [button] : []));
}
