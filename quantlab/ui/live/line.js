// @ts-check
// The line to the server. One that was started anew has no session of this tab, and Streamlit runs the page there only at the next
// change, which it then does not understand. So the page runs from its address once the line is back, and what a person did
// meanwhile is told after that run.

/** @type {Map<unknown, () => void>} the last that each one has to tell */
const waiting = new Map();
/** @type {Map<unknown, () => void>} likewise, of what no person did */
const resting = new Map();
let down = false, healing = false;

/**
 * Tells at once, or as soon as the line is back; of one teller only the last word then.
 * @param {unknown} teller
 * @param {() => void} tell
 */
export function onceUp(teller, tell) {
  if (down || healing) waiting.set(teller, tell);
  else tell();
}

/**
 * Tells what no person did, while no run is asked for or under way: Streamlit loses a click that another message follows at once.
 * It can be lost itself where a click follows it, so whoever tells looks again later.
 * @param {unknown} teller
 * @param {() => void} tell
 */
export function atRest(teller, tell) {
  resting.set(teller, tell);
  setTimeout(rested);
}

function rested() {
  const { testConnectionState: line, testScriptState: script } = app instanceof HTMLElement ? app.dataset : {};
  if (line !== "CONNECTED" || script !== "notRunning") return; // the observer calls again
  const [first] = resting;
  if (!first) return;
  resting.delete(first[0]);
  first[1]();
  setTimeout(rested, 100); // the next one after the run that this one asks for
}

/** @param {HTMLElement} app */
function look({ dataset: { testConnectionState: line, testScriptState: script } }) {
  if (line !== "CONNECTED") down = true;
  else if (down) {
    [down, healing] = [false, true];
    dispatchEvent(new PopStateEvent("popstate")); // what back and forward do: Streamlit asks for the page of the address
  } else if (healing && script === "notRunning") {
    healing = false;
    for (const tell of waiting.values()) tell();
    waiting.clear();
  }
  if (script === "notRunning") setTimeout(rested);
}

const app = globalThis.document?.querySelector("[data-testid=stApp]");
if (app instanceof HTMLElement) {
  const attributeFilter = ["data-test-connection-state", "data-test-script-state"];
  new MutationObserver(() => look(app)).observe(app, { attributes: true, attributeFilter });
}
