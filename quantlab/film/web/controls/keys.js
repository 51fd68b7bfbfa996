// @ts-check
// Keys of the page itself: its caller hears of them unless they are meant for what has the focus.

const OTHERS = "input, textarea, select, [contenteditable=true], [role=slider], [role=combobox], [role=listbox], [role=radiogroup], [role=dialog]";

/** @type {import("../film.js").Mount} */
export function mount(_, data, options = {}) {
  let { keys } = data, { onPick } = options;
  const listening = new AbortController();
  document.addEventListener("keydown", event => {
    const elsewhere = event.target instanceof Element && event.target.closest(OTHERS);
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || !keys.includes(event.key)) return;
    if (elsewhere && event.key !== "Escape") return;
    event.preventDefault();
    onPick?.(event.key);
  }, { signal: listening.signal });
  return {
    update(next, others = options) {
      ({ keys } = next);
      ({ onPick } = others);
    },
    destroy: () => listening.abort(),
  };
}
