// @ts-check
// plotly.js, fetched once for all charts of a page. What did not arrive is asked for again by the next who needs it.

/** @typedef {any} Plotly the library has no types of its own */

/** @type {Map<string, Promise<Plotly>>} */
const libraries = new Map();

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
    script.onload = () => "Plotly" in window ? done(window.Plotly) : lost(); // a proxy may answer with a page of its own
    script.onerror = lost;
    document.head.append(script);
  });
  libraries.set(url, library);
  return library;
}
