// @ts-check
// The size of a chart's type follows the page's: whoever reads in large type reads charts so, and so does a projector.

const MOST = 0.6; // of the window's height, that a chart takes because its type is large

let asked = -1, known = 1;

/** How many times larger than usual the page's type is; looked up once a frame. */
export function typeScale() {
  if (asked >= 0) return known;
  asked = requestAnimationFrame(() => { asked = -1; });
  known = parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
  return known;
}

/**
 * A figure's layout in larger type: fonts, the margins that hold them, and the height.
 * @param {any} layout
 * @param {number} scale
 * @param {number} [room] the height of the window in pixels
 * @returns {any}
 */
export function inType(layout, scale, room = Infinity) {
  if (scale === 1) return layout;
  const height = Math.max(layout.height, Math.min(layout.height * scale, MOST * room));
  return { ...larger(layout, scale), height: Math.round(height) };
}

const SIZES = new Set(["size", "standoff", "l", "r", "t", "b"]);

/**
 * @param {any} part of a layout
 * @param {number} scale
 * @returns {any}
 */
function larger(part, scale) {
  if (Array.isArray(part)) return part.map(each => larger(each, scale));
  if (typeof part !== "object" || !part) return part;
  return Object.fromEntries(Object.entries(part).map(([name, value]) => [name, SIZES.has(name) && typeof value === "number" ? value * scale : larger(value, scale)]));
}
