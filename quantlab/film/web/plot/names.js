// @ts-check
// Names of ticks along a lying axis: upright, and as many as fit beside each other. Every second is left out, or more, where there is
// no room for all; a point under the pointer says its own.

/** @typedef {import("./ticks.js").Axis} Axis */

const APART = 6; // pixels between two names

/**
 * A lying axis with no more of its given ticks than have room; one without given ticks stays as it is.
 * @template {Axis} A
 * @param {A} axis
 * @param {number} room its length in pixels
 * @param {(text: string) => number} widthOf
 * @returns {A}
 */
export function fitting(axis, room, widthOf) {
  const { tickvals: values, ticktext: texts } = axis;
  if (!values || !texts) return axis;
  const [from, to] = axis.range, log = axis.type === "log", widths = texts.map(widthOf);
  const places = values.map(value => ((log ? Math.log10(value) : value) - from) / (to - from) * room);
  for (let every = 1; every < values.length; every++) {
    const kept = values.map((_, k) => k).filter(k => k % every === 0);
    const free = kept.every((k, i) => !i || Math.abs(places[k] - places[kept[i - 1]]) >= (widths[k] + widths[kept[i - 1]]) / 2 + APART);
    if (free) return every === 1 ? axis : { ...axis, tickvals: kept.map(k => values[k]), ticktext: kept.map(k => texts[k]) };
  }
  return { ...axis, tickvals: values.slice(0, 1), ticktext: texts.slice(0, 1) };
}
