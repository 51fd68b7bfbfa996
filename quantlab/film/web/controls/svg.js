// @ts-check
// Parts of a small drawing.
const SVG = "http://www.w3.org/2000/svg";

/** @param {string} tag @param {Record<string, string | number>} attributes */
export function part(tag, attributes) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  return element;
}

const PLAY = 1400; // milliseconds from guess to truth

/**
 * Moves from 0 to 1 with an easy start and end, unless the person asked for less motion; the answer ends it.
 * @param {(share: number) => void} draw @returns {() => void}
 */
export function glide(draw) {
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return () => {};
  const start = performance.now();
  const move = (/** @type {number} */ now) => {
    const share = Math.min(1, (now - start) / PLAY);
    draw(share * share * (3 - 2 * share));
    if (share < 1) frame = requestAnimationFrame(move);
  };
  let frame = requestAnimationFrame(move);
  return () => cancelAnimationFrame(frame);
}

/** @param {number} x @param {number} y @param {string} words @param {string} anchor */
export function text(x, y, words, anchor) {
  const element = part("text", { x, y, "text-anchor": anchor });
  element.textContent = words;
  return element;
}
