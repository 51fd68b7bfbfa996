// @ts-check
// Parts of a small drawing.
const SVG = "http://www.w3.org/2000/svg";

/** @param {string} tag @param {Record<string, string | number>} attributes */
export function part(tag, attributes) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  return element;
}

/** @param {number} x @param {number} y @param {string} words @param {string} anchor */
export function text(x, y, words, anchor) {
  const element = part("text", { x, y, "text-anchor": anchor });
  element.textContent = words;
  return element;
}
