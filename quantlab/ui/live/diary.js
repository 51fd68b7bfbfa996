// @ts-check
// What a person has answered, kept in this browser: it is told to a new session once and whenever another tab writes more, and
// written as it grows. An empty text writes nothing, for another tab may know more; "{}" forgets.

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
  const gone = new AbortController();
  const take = (/** @type {{text: string, known: boolean}} */ { text, known }) => {
    if (!known) onPick?.(memory()?.getItem(KEY) ?? "");
    else if (text === "{}") memory()?.removeItem(KEY);
    else if (text) memory()?.setItem(KEY, text);
  };
  addEventListener("storage", ({ key, newValue }) => { if (key === KEY && newValue) onPick?.(newValue); }, { signal: gone.signal });
  take(data);
  return { update: take, destroy: () => gone.abort() };
}
