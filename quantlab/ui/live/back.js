// @ts-check
// Back and forward while a click is under way. What the click's run still sends comes after the step, and a message that follows the
// step at once takes from Streamlit that it was one: the page would end where the click led. So once it rests, the address that the
// person went to is asked for again, where neither the address nor what is drawn is that.
import { drawn } from "./tab.js";

const STILL = 150; // milliseconds without a run after which the page rests
const app = globalThis.document?.querySelector("[data-testid=stApp]");
let wanted = "", timer = 0;

const rests = () => app instanceof HTMLElement && app.dataset.testScriptState === "notRunning";

/** The page and the query of an address, in an order that says the same for the same. @param {URL} url */
function stateOf({ pathname, searchParams }) {
  const query = new URLSearchParams(searchParams);
  for (const name of ["embed", "embed_options"]) query.delete(name); // Streamlit's own, which Python does not hear of
  query.sort();
  return `${pathname.slice(pathname.lastIndexOf("/") + 1)}?${query}`;
}

/** Whether the browser and the page are both where the person went. @param {string} there */
function arrived(there) {
  const told = drawn(), state = stateOf(new URL(there));
  return stateOf(new URL(location.href)) === state && (!told || stateOf(new URL(`${told.page}?${told.query}`, document.baseURI)) === state);
}

function look() {
  clearTimeout(timer);
  if (wanted && rests()) timer = window.setTimeout(ask, STILL);
}

function ask() {
  if (!wanted || !rests()) return; // the observer calls again
  const there = wanted;
  wanted = "";
  if (arrived(there)) return;
  history.replaceState({}, "", there);
  dispatchEvent(new PopStateEvent("popstate"));
}

/** Hears steps from now on. */
export function hearSteps() {
  if (!(app instanceof HTMLElement)) return;
  addEventListener("popstate", event => { if (event.isTrusted) wanted = location.href; }, { capture: true }); // whatever the page says: a click that was just sent is not yet seen
  for (const name of ["pointerdown", "keydown"]) addEventListener(name, () => { wanted = ""; }, { capture: true, passive: true }); // they go on from here
  new MutationObserver(look).observe(app, { attributes: true, attributeFilter: ["data-test-script-state"] });
}
