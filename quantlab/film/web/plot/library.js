// @ts-check
// plotly.js, fetched once for all charts of a page. What did not arrive is asked for again by the next chart, or by a person;
// once it is here, all charts that missed it are drawn.

/** @typedef {any} Plotly the library has no types of its own */

/** @type {Map<string, Promise<Plotly>>} */
const libraries = new Map();
/** @type {Set<() => void>} charts that wait for a further attempt */
const waiting = new Set();

/**
 * The library at this URL.
 * @param {string} url
 * @returns {Promise<Plotly>}
 */
export function plotlyFrom(url) {
  const known = libraries.get(url);
  if (known) return known;
  /** @type {Promise<Plotly>} */
  const library = new Promise((done, fail) => {
    const lost = () => {
      libraries.delete(url);
      script.remove();
      fail(new Error(`${url} did not load`));
    };
    const script = document.createElement("script");
    script.src = url;
    script.onload = () => {
      if (!("Plotly" in window)) return lost(); // a proxy may answer with a page of its own
      done(window.Plotly);
      for (const draw of waiting) draw();
      waiting.clear();
    };
    script.onerror = lost;
    document.head.append(script);
  });
  libraries.set(url, library);
  return library;
}

/**
 * Calls a chart that missed the library once a further attempt, of whichever chart, has brought it.
 * @param {() => void} draw
 */
export const onceItIsHere = draw => { waiting.add(draw); };
