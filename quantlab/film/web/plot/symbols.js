// @ts-check
// Outlines of markers and patterns of lines, as large as plotly's.

/** @param {number[][]} corners @param {number} r */
const polygon = (corners, r) => `M${corners.map(([x, y]) => `${x * r},${y * r}`).join("L")}Z`;
const star = Array.from({ length: 10 }, (_, k) => {
  const angle = k * Math.PI / 5, reach = k % 2 ? 0.535 : 1.4;
  return [reach * Math.sin(angle), -reach * Math.cos(angle)];
});

/** @type {Record<string, number[][]>} */
const CORNERS = {
  square: [[1, 1], [-1, 1], [-1, -1], [1, -1]],
  diamond: [[1.3, 0], [0, 1.3], [-1.3, 0], [0, -1.3]],
  "triangle-up": [[-2 / Math.sqrt(3), 0.5], [2 / Math.sqrt(3), 0.5], [0, -1]],
  "triangle-down": [[-2 / Math.sqrt(3), -0.5], [2 / Math.sqrt(3), -0.5], [0, 1]],
  "triangle-left": [[0.5, -2 / Math.sqrt(3)], [0.5, 2 / Math.sqrt(3)], [-1, 0]],
  cross: [[1.2, 0.4], [0.4, 0.4], [0.4, 1.2], [-0.4, 1.2], [-0.4, 0.4], [-1.2, 0.4], [-1.2, -0.4], [-0.4, -0.4], [-0.4, -1.2], [0.4, -1.2], [0.4, -0.4], [1.2, -0.4]],
  star,
};

/**
 * The outline of a marker around 0,0; a circle where the symbol is not known.
 * @param {string} symbol
 * @param {number} size
 */
export function outline(symbol, size) {
  const r = size / 2, corners = CORNERS[symbol.replace("-open", "")];
  return corners ? polygon(corners, r) : `M${r},0A${r},${r} 0 1,1 0,${-r}A${r},${r} 0 0,1 ${r},0Z`;
}

/** @type {Record<string, number[]>} lengths of stroke and gap, in widths of the line */
const DASHES = { dot: [1, 1], dash: [3, 3], longdash: [5, 5], dashdot: [3, 1, 1, 1], longdashdot: [5, 2, 1, 2] };

/**
 * The `stroke-dasharray` of a line.
 * @param {string} dash
 * @param {number} width
 */
export const dashes = (dash, width) => (DASHES[dash] ?? []).map(length => `${length * Math.max(width, 3)}px`).join(",");
