// @ts-check
// Streamlit's way to a film or control: mounted when its element is new, updated at every further run, destroyed when it goes.
import { watch } from "../../film/web/terms.js";

import { skipLink } from "./skip.js";

import { hearSteps } from "./back.js";
import { atRest, onceUp } from "./line.js";

/** @typedef {import("../../film/web/film.js").Handle} Handle */
/** @typedef {import("../../film/web/film.js").Mount} Mount */
/** @typedef {import("../../film/web/film.js").Options} Options */

/**
 * What Streamlit gives to a component.
 * @typedef {object} Component
 * @property {any} data
 * @property {HTMLElement} parentElement
 * @property {(name: string, value: any) => void} setStateValue
 * @property {(name: string, value: any) => void} setTriggerValue
 */

/**
 * What is mounted in an element, by which module and for which run. It stands on the element, where the modules of a server
 * that was updated meanwhile find it too.
 * @typedef {HTMLElement & {qlMounted?: {mount: Mount, handle: Handle, run: number}}} Place
 */

skipLink();
hearSteps();

const styled = new Promise(done => {
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = new URL("../../film/web/style.css", import.meta.url).href;
  link.onload = link.onerror = done; // an unstyled page is better than none; the browser logs what did not load
  document.body.append(link); // behind Streamlit's own style
});
watch();

/**
 * Shows one run's data; returns what Streamlit calls when the element goes, or when a newer run has overtaken this one.
 * @param {{mount: Mount}} module
 * @param {Component} component
 * @param {Options} options
 */
export async function show({ mount }, { data, parentElement, setStateValue, setTriggerValue }, options) {
  await styled;
  const calls = {
    ...options,
    // Streamlit is silent about a state that it holds already: a level that was left by Back is news when it is chosen again.
    onLevel: (/** @type {string} */ label) => onceUp(parentElement, () => setStateValue("level", [label, Date.now()])),
    onTell: (/** @type {any} */ what) => atRest(parentElement, () => setTriggerValue("picked", what)),
    onPick: (/** @type {any} */ what) => onceUp(parentElement, () => setTriggerValue("picked", what)),
  };
  /** @type {Place} */
  const place = parentElement;
  let here = place.qlMounted;
  if (here?.mount === mount) here.handle.update(data, calls);
  else {
    here?.handle.destroy();
    here = place.qlMounted = { mount, handle: mount(place, data, calls), run: 0 };
  }
  place.closest("[class*=st-key-words-]")?.setAttribute("data-filmed", ""); // the text that Python wrote in its place gives way
  const { handle } = here, run = ++here.run;
  return () => {
    if (place.qlMounted?.handle !== handle || place.qlMounted.run !== run) return;
    delete place.qlMounted;
    handle.destroy();
  };
}
