// @ts-check
// What the tab remembers: the last address of every page. A link that names a page alone leads to where the person left it.
import { watch } from "./paper.js";

const LINKS = "[data-testid=stTopNavLink], [data-testid=stTopNavDropdownLink], [data-testid=stSidebarNavLink], [data-testid=stPageLink-NavLink]";
const keyOf = (/** @type {string} */ page) => `quantlab:${page}`;

/** The tab's memory; null inside of another site's page, where the browser blocks what third parties keep. */
function memory() {
  try {
    return sessionStorage;
  } catch {
    return null;
  }
}

/**
 * Goes where a plain click on such a link leads, as the browser's own back and forward do: Streamlit hears of those, and asks for
 * the page with its query. Its own way would open the page without one, and add a second step to the history.
 * @param {MouseEvent} event
 * @param {string} base
 */
function follow(event, base) {
  const link = event.target instanceof Element ? event.target.closest(LINKS) : null;
  if (!(link instanceof HTMLAnchorElement) || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  const { href } = link, query = memory()?.getItem(keyOf(href.slice(base.length)));
  if (!query) return;
  event.preventDefault();
  event.stopPropagation();
  const there = `${href}?${query}`;
  if (there !== location.href) history.pushState({}, "", there);
  dispatchEvent(new PopStateEvent("popstate"));
}

/** @type {{page: string, query: string} | undefined} */
let last;

/** The page and the query that stand drawn; nothing before the first page says them. */
export const drawn = () => last;

/** @type {import("../../film/web/film.js").Mount} */
export function mount(_, data, { base = document.baseURI } = {}) {
  const keep = (/** @type {{page: string, query: string}} */ now) => {
    last = now;
    memory()?.setItem(keyOf(now.page), now.query);
  };
  const hear = (/** @type {MouseEvent} */ event) => follow(event, base);
  document.addEventListener("click", hear, { capture: true });
  watch();
  keep(data);
  return { update: keep, destroy: () => document.removeEventListener("click", hear, { capture: true }) };
}
