// @ts-check
// A chart by keyboard and by finger. It is one stop of the Tab key: Enter goes to plotly's buttons, arrows walk along them, Escape
// goes back. A finger scrolls the page, for plotly hears of no touch; a tap comes as a click.

/** @param {HTMLElement} host */
export function hands(host) {
  host.tabIndex = 0;
  for (const name of ["touchstart", "touchmove"]) host.addEventListener(name, event => event.stopPropagation(), { capture: true, passive: true });
  host.addEventListener("keydown", event => {
    const buttons = buttonsOf(host), at = buttons.findIndex(button => button === event.target);
    const next = at < 0 ? { Enter: buttons[0] }[event.key] : { ArrowRight: buttons[at + 1], ArrowLeft: buttons[at - 1], Escape: host }[event.key];
    if (!next) return;
    event.preventDefault();
    next.focus();
  });
}

/**
 * Plotly's buttons are no stops of the Tab key; it makes them anew when it draws.
 * @param {HTMLElement} host
 */
export function skipButtons(host) {
  for (const button of buttonsOf(host)) button.tabIndex = -1;
}

/** @param {HTMLElement} host @returns {HTMLElement[]} */
const buttonsOf = host => [...host.querySelectorAll(".modebar-btn")].filter(button => button instanceof HTMLElement);
