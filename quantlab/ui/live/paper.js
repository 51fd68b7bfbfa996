// @ts-check
// A page on paper: nothing is drawn anew for it, so all of it becomes as much smaller as the paper is narrower than the window.

const WIDTH = 700; // CSS pixels between the margins of an upright A4 or Letter sheet, by the @page rule of the page's style
const MAIN = "[data-testid=stMainBlockContainer]";
let watching = false;

/** How much smaller, from the width in the window in CSS pixels: never larger. */
export const shrunk = (/** @type {number} */ width) => width > WIDTH ? WIDTH / width : 1;

/** Measures before each print, while the window's layout still stands. */
export function watch() {
  if (watching) return;
  watching = true;
  addEventListener("beforeprint", () => {
    const main = document.querySelector(MAIN);
    if (!main) return;
    const { paddingLeft, paddingRight } = getComputedStyle(main);
    const width = main.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight);
    document.documentElement.style.setProperty("--ql-paper", String(shrunk(width)));
  });
}
