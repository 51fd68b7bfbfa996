// @ts-check
// What a person has done in lessons and exercises, kept in this browser: it is told to a new session once, and written as it grows.

const KEY = "quantlab:learn";

/** The browser's memory; null inside of another site's page, where it blocks what third parties keep. */
function memory() {
  try {
    return localStorage;
  } catch {
    return null;
  }
}

/** @type {import("../../film/web/film.js").Mount} */
export function mount(_, data, { onPick } = {}) {
  const take = (/** @type {{text: string, known: boolean}} */ { text, known }) => {
    if (!known) onPick?.(memory()?.getItem(KEY) ?? "");
    else if (text) memory()?.setItem(KEY, text);
    else memory()?.removeItem(KEY);
  };
  take(data);
  return { update: take, destroy() {} };
}
