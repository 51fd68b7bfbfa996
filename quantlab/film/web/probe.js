// @ts-check
// Which part of a picture is looked at: the wipe says it, the films beside it follow.
import { groupOf } from "./bus.js";

/** @typedef {{row: number | null, from: number, to: number, hear: Set<() => void>}} Probe row, and the columns in sight */

/** @type {WeakMap<object, Probe>} */
const probes = new WeakMap();

/**
 * The probe of a group.
 * @param {string} name
 * @returns {Probe}
 */
export function probeOf(name) {
  const group = groupOf(name), probe = probes.get(group) ?? { row: null, from: 0, to: 1, hear: new Set() };
  probes.set(group, probe);
  return probe;
}

/**
 * Another row, or other columns.
 * @param {string} name
 * @param {Partial<Probe>} change
 */
export function point(name, change) {
  const probe = Object.assign(probeOf(name), change);
  for (const hear of probe.hear) hear();
}
