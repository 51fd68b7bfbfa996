// @ts-check
// A figure as SVG, at once: what plotly would draw, without what it can do (read-out, zoom, export). Elements bear plotly's
// classes, so that one style and one way of moving serve both.
import { fitting } from "./names.js";
import { areaPath, linePath, markerPlace } from "./paths.js";
import { dashes, outline } from "./symbols.js";
import { ticksOf } from "./ticks.js";

/** @typedef {import("./paths.js").Ruler} Ruler */
/** @typedef {import("./ticks.js").Axis & {[more: string]: any}} Axis */
/** @typedef {{axis: Axis, start: number, length: number, ruler: Ruler}} Placed start: its first pixel in the chart */

const SVG = "http://www.w3.org/2000/svg";
const TEXT = "#444";
let font = 12, title = 14; // sizes of the type of the chart that is being drawn
const RIM = 2; // around a note
const GAP = 5, SAMPLE = 30; // of a legend: between its parts, length of a line
const row = () => Math.max(1.3 * font, 16) + 3; // of a legend
const ROWS = 2; // of a legend, that a chart's height has room for
let count = 0;

/**
 * @param {string} tag
 * @param {Record<string, string | number>} attributes
 * @param {...(Node | string)} children
 */
function svg(tag, attributes, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "style") /** @type {SVGElement} */ (element).style.cssText = String(value);
    else element.setAttribute(name, String(value));
  }
  element.append(...children);
  return /** @type {SVGGraphicsElement} */ (element);
}

const ruler = /** @type {CanvasRenderingContext2D} */ (document.createElement("canvas").getContext("2d"));
let family = "";

/**
 * Width, rise and fall of a text, as a canvas tells them: asking the page would lay all of it out anew, for every label.
 * @param {string} text
 * @param {number} size in pixels
 * @param {string} [weight]
 */
function measure(text, size, weight = "normal") {
  ruler.font = `${weight} ${size}px ${family}`;
  const { width, actualBoundingBoxLeft: left, actualBoundingBoxRight: right, fontBoundingBoxAscent: rise, fontBoundingBoxDescent: fall } = ruler.measureText(text);
  const ink = Math.max(width, right) + Math.max(0, left); // a letter may hang over its place; the boxes of SVG's texts hold it too
  return { width: ink, rise: Math.round(rise), fall: Math.round(fall) };
}

/**
 * A figure's layout for a chart of this width: of the names below it, those that have room.
 * @template {{font: {size: number, family: string}, margin: {l: number, r: number}, xaxis: Axis}} L
 * @param {L} layout
 * @param {number} width
 * @returns {L}
 */
export function inRoom(layout, width) {
  family = layout.font.family;
  const { l, r } = layout.margin;
  return { ...layout, xaxis: fitting(layout.xaxis, width - l - r, text => widthOf(text, layout.font.size)) };
}

/** The width of a text with its bold words, at a size. @param {string} text @param {number} size */
const widthOf = (text, size) => spans(text).reduce((sum, { words: part, bold }) => sum + measure(part, size, bold ? "bold" : "normal").width, 0);

/**
 * The parts of a text.
 * @param {string} text
 */
const spans = text => text.split(/(<b>.*?<\/b>|<span style="color:#[0-9A-Fa-f]{6}">.*?<\/span>)/).map(part => {
  const [, color, inner] = /^<(?:b|span style="color:(#\w+)")>(.*)<\/\w+>$/.exec(part) ?? [];
  return { words: inner ?? part, color, bold: inner !== undefined && !color };
});

/**
 * The words of a text, as plain ones, bold or in a colour: `<b>word</b>` and `<span style="color:#123456">word</span>` are all
 * of plotly's markup that figures use.
 * @param {string} text
 */
const words = text => spans(text).map(({ words: part, color, bold }) => color || bold ? svg("tspan", { style: color ? `fill:${color}` : "font-weight:bold" }, part) : part);

/**
 * How much taller a chart gets where it is so narrow that its legend takes more rows than its height has room for, in pixels.
 * @param {{data: any[], layout: any}} figure
 * @param {{most: number}[]} values of every trace
 * @param {number} exact the host's width
 */
export function growth({ data, layout }, values, exact) {
  [font, family] = [layout.font.size, layout.font.family];
  const { l, r } = layout.margin, widths = namedIn(data, values).map(trace => widthOf(trace.name, font));
  return Math.round(Math.max(0, rowsOf(widths, Math.round(exact) - l - r).length - ROWS) * row());
}

/** Traces that a legend names: those that have values at some level, so that nothing moves with the thumb. @param {any[]} data @param {{most: number}[]} values */
const namedIn = (data, values) => data.filter((trace, k) => values[k].most && trace.showlegend !== false);

/**
 * Where the parts of a legend stand, in rows as wide as there is room: the left of each.
 * @param {number[]} widths of the names
 * @param {number} room
 */
function rowsOf(widths, room) {
  const whole = widths.map(width => width + SAMPLE + 2 * GAP), most = Math.max(0, ...whole);
  const single = whole.reduce((sum, one) => sum + one, 0) + (whole.length - 1) * GAP < room;
  /** @type {number[][]} */
  const rows = [];
  let x = 0;
  for (const one of whole) {
    const next = single ? one : most;
    if (x && next + x >= room) x = 0;
    if (!x) rows.push([]);
    rows[rows.length - 1].push(x);
    x += next + GAP;
  }
  return rows;
}

/**
 * Draws the figure into the host, in place of an earlier sketch.
 * @param {HTMLElement} host
 * @param {{data: any[], layout: any}} figure
 * @param {{xs: ArrayLike<number>, ys: ArrayLike<number>, most: number}[]} values of every trace; most: points that it ever has
 * @param {number} exact the host's width
 * @returns {{root: SVGElement, traces: {group: Element, x: Ruler, y: Ruler}[], x: Placed, left: number}}
 */
export function sketch(host, { data, layout }, values, exact) {
  font = layout.font.size;
  family = layout.font.family;
  title = Math.round(1.2 * font);
  const width = Math.round(exact), height = layout.height, { l: left, r: right, b: bottom } = layout.margin;
  const root = svg("svg", { class: "ql-sketch", width: exact, height, style: `font: ${font}px ${layout.font.family}` });
  host.append(root);
  const room = width - left - right, legend = legendOf(root, namedIn(data, values), room);
  const top = Math.max(layout.margin.t, legend.height && legend.height + Math.min(12, left, right, layout.margin.t, bottom));
  legend.group.setAttribute("transform", `translate(${left},${top - legend.height})`);
  const plot = height - top - bottom;
  const uprights = Object.fromEntries(Object.keys(layout).filter(name => name.startsWith("yaxis")).map(name => {
    const [from, to] = layout[name].domain ?? [0, 1];
    return [name.replace("axis", ""), placed(layout[name], top + (1 - to) * plot, (to - from) * plot, true)];
  }));
  const x = placed(layout.xaxis, left, room, false), foot = uprights[layout.xaxis.anchor ?? "y"];
  for (const [name, y] of Object.entries(uprights)) pane(root, name, x, y, left, room, height, y === foot);
  const traces = data.map((trace, k) => {
    const y = uprights[trace.yaxis ?? "y"];
    return { group: traceOf(root, left, room, y, trace, values[k], x.ruler, k), x: x.ruler, y: y.ruler };
  });
  for (const note of layout.annotations) noteOf(root, note, left + x.ruler.a * note.x + x.ruler.b, uprights.y.start + uprights.y.ruler.a * note.y + uprights.y.ruler.b);
  root.append(legend.group);
  return { root, traces, x, left };
}

/** @param {Axis} axis @param {number} start @param {number} length @param {boolean} upright @returns {Placed} */
function placed(axis, start, length, upright) {
  const [from, to] = axis.range, a = (upright ? -1 : 1) * length / (to - from);
  return { axis, start, length, ruler: { log: axis.type === "log", a, b: upright ? length - a * from : -a * from } };
}

const ink = (/** @type {string} */ color) => `fill:none;stroke:${color};stroke-width:1px;shape-rendering:crispEdges`;

/** Grid, lines and ticks of one upright axis, with the lying axis where it stands on this one. @param {SVGElement} root @param {string} name @param {Placed} x @param {Placed} y @param {number} left @param {number} room @param {number} height @param {boolean} foot */
function pane(root, name, x, y, left, room, height, foot) {
  const below = y.start + y.length, lined = !!y.axis.linecolor;
  const across = ticksOf(x.axis, false, room).map(tick => ({ tick, place: round(left + x.ruler.a * tick.at + x.ruler.b) }));
  const up = ticksOf(y.axis, true, y.length).map(tick => ({ tick, place: round(y.start + y.ruler.a * tick.at + y.ruler.b) }));
  const color = (/** @type {Axis} */ axis) => axis.gridcolor ?? "#eee";
  if (x.axis.showgrid !== false) for (const { place } of across) root.append(svg("path", { d: `M${place},${y.start}v${y.length}`, style: ink(color(x.axis)) }));
  if (y.axis.showgrid !== false) for (const { place } of up) root.append(svg("path", { d: `M${left},${place}h${room}`, style: ink(color(y.axis)) }));
  if (foot) root.append(svg("path", { d: `M${lined ? left - 1 : left},${below + 0.5}H${left + room}`, style: ink(x.axis.linecolor ?? "none") }));
  if (lined) root.append(svg("path", { d: `M${left - 0.5},${y.start}V${below}`, style: ink(y.axis.linecolor) }));
  const reach = y.axis.showticklabels === false ? Infinity : label(root, name, up.map(({ tick, place }) => ({ tick, x: left - (lined ? 1 + 0.2 * font : 1), y: place, lift: 0.35 })), "end");
  titleOf(root, name, y.axis, left, y.start + y.length / 2, reach, height);
  if (!foot) return;
  const low = x.axis.showticklabels === false ? -Infinity : label(root, "x", across.map(({ tick, place }) => ({ tick, x: place, y: below + 1 + 0.2 * font, lift: 1 })), "middle");
  titleOf(root, "x", x.axis, left + room / 2, below, low, height);
}

const round = (/** @type {number} */ place) => Number(place.toFixed(2));

/**
 * Labels of ticks; returns how far they reach: down for those of the lying axis, else to the left.
 * @param {SVGElement} root @param {string} name @param {{tick: import("./ticks.js").Tick, x: number, y: number, lift: number}[]} labels @param {string} anchor
 */
function label(root, name, labels, anchor) {
  let reach = name === "x" ? -Infinity : Infinity;
  for (const { tick, x, y, lift } of labels) {
    const size = font * tick.scale, at = [x + tick.dx * size, y + (tick.dy + lift) * size];
    const text = svg("text", { x: at[0], y: at[1], "text-anchor": anchor, style: `font-size:${size}px;fill:${TEXT};white-space:pre` }, ...words(tick.text));
    if (tick.raised) text.append(svg("tspan", { style: "font-size:70%", dy: "-0.6em" }, tick.raised));
    root.append(svg("g", { class: `${name}tick` }, text));
    const width = widthOf(tick.text, size) + (tick.raised ? measure(tick.raised, 0.7 * size).width : 0), { fall } = measure("x", size);
    if (name === "x") reach = Math.max(reach, at[1] + fall);
    else reach = Math.min(reach, at[0] - width);
  }
  return reach;
}

/**
 * The title stands off its labels, and inside of the chart. ends : how far the labels reach, down or to the left.
 * @param {SVGElement} root @param {string} name @param {Axis} axis @param {number} x @param {number} y @param {number} ends @param {number} height
 */
function titleOf(root, name, axis, x, y, ends, height) {
  if (!axis.title?.text) return;
  const lying = name === "x", { rise, fall } = measure("x", title);
  const wanted = lying ? Math.max(y + 0.5, ends) + axis.title.standoff + 0.7 * title : Math.min(x - 0.5, ends) - axis.title.standoff - 0.35 * title;
  const at = lying ? Math.min(wanted, height - fall) : Math.max(wanted, rise);
  const text = svg("text", { "text-anchor": "middle", x: lying ? x : at, y: lying ? at : y, style: `font-size:${title}px;fill:${TEXT};white-space:pre` }, ...words(axis.title.text));
  if (!lying) text.setAttribute("transform", `rotate(-90,${at},${y})`);
  root.append(svg("g", { class: `g-${name}title` }, text));
}

/** @param {SVGElement} root @param {number} left @param {number} room @param {Placed} y @param {any} trace @param {{xs: ArrayLike<number>, ys: ArrayLike<number>, most: number}} values @param {Ruler} x @param {number} k */
function traceOf(root, left, room, y, trace, { xs, ys, most }, x, k) {
  const clip = `ql-clip-${++count}`, group = svg("g", { class: "trace", style: `opacity:${trace.opacity ?? 1};stroke-miterlimit:2` });
  if (trace.mode === "markers") {
    for (let i = 0; i < most; i++) group.append(svg("path", { class: "point", d: outline(trace.marker.symbol, trace.marker.size), style: paint(trace.marker), transform: markerPlace(xs, ys, x, y.ruler, i) }));
  } else {
    const line = linePath(xs, ys, x, y.ruler) || "M0,0";
    if (trace.fill) group.append(svg("path", { class: "js-fill", d: xs.length ? areaPath(line, xs, x, y.ruler) : "M0,0", style: `fill:${trace.fillcolor};stroke-width:0` }));
    group.append(svg("path", { class: "js-line", d: line, style: stroke(trace.line) }));
  }
  root.append(
    svg("clipPath", { id: clip }, svg("rect", { width: room, height: y.length })),
    svg("g", { transform: `translate(${left},${y.start})`, "clip-path": `url(#${clip})`, "data-trace": k }, group),
  );
  return group;
}

const stroke = (/** @type {any} */ { color, width, dash }) => `fill:none;stroke:${color};stroke-width:${width}px;stroke-dasharray:${dashes(dash, width) || "none"}`;
const paint = (/** @type {any} */ { color, symbol, line }) => symbol.endsWith("-open")
  ? `fill:none;stroke:${color};stroke-width:${line.width}px`
  : `fill:${color};stroke:${line.color};stroke-width:${line.width}px`;

/** A legend of traces. @param {SVGElement} root @param {any[]} named @param {number} room */
function legendOf(root, named, room) {
  const group = svg("g", { class: "legend" });
  root.append(group);
  const items = named.map(trace => {
    const text = svg("text", { class: "legendtext", x: SAMPLE + 2 * GAP, y: 0.39 * font, style: `fill:${TEXT};white-space:pre` }, ...words(trace.name));
    const item = svg("g", {}, text), sample = svg("g", { style: `opacity:${trace.opacity ?? 1}` });
    const line = `M${GAP},${trace.fill ? -2 : 0}h${SAMPLE}`;
    if (trace.fill) sample.append(svg("path", { d: `${line}v6h${-SAMPLE}z`, style: `fill:${trace.fillcolor}` }));
    if (trace.mode === "markers") sample.append(svg("path", { transform: `translate(${GAP + SAMPLE / 2},0)`, d: outline(trace.marker.symbol, Math.min(Math.max(trace.marker.size, 2), 16)), style: paint(trace.marker) }));
    else sample.append(svg("path", { d: line, style: stroke({ ...trace.line, width: Math.min(trace.line.width, 10) }) }));
    item.append(sample);
    group.append(item);
    return { item, width: widthOf(trace.name, font) };
  });
  const rows = rowsOf(items.map(({ width }) => width), room), places = rows.flatMap((lefts, line) => lefts.map(x => `translate(${x},${(line + 0.5) * row() + GAP})`));
  items.forEach(({ item }, k) => item.setAttribute("transform", places[k]));
  return { group, height: items.length ? Math.ceil(rows.length * row() + 2 * GAP) : 0 };
}

/** A word at a place, on whole pixels. @param {SVGElement} root @param {any} note @param {number} x @param {number} y */
function noteOf(root, { text, xanchor, font: type }, x, y) {
  const word = svg("text", { class: "annotation-text", style: `font-size:${type.size}px;fill:${type.color};white-space:pre` }, ...words(text));
  root.append(word);
  const { rise, fall } = measure("x", type.size), width = Math.round(widthOf(text, type.size) + 2 * RIM), middle = x + ({ left: 0.5, right: -0.5 }[/** @type {"left"} */ (xanchor)] ?? 0) * width;
  word.setAttribute("x", String(Math.round(middle - width / 2) + RIM));
  word.setAttribute("y", String(Math.round(y - Math.round(rise + fall) / 2) + rise));
}
