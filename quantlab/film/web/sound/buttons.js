// @ts-check
// A player's buttons and keys.
import { make } from "../film.js";

/**
 * A button with a name for the ear and a face for the eye.
 * @param {string} name
 * @param {string} face
 * @param {() => void} press
 */
export const button = (name, face, press) => make("button", { type: "button", ariaLabel: name, title: name, textContent: face, onclick: press });

/**
 * Whether a key is meant for the player: not while a person types, and a button's space is the button's.
 * @param {KeyboardEvent} event
 */
export function isForPlayer(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  const at = event.target;
  if (!(at instanceof Element)) return true;
  if (at.closest("textarea, select, [contenteditable=true], [role=combobox], [role=dialog]")) return false;
  if (at instanceof HTMLInputElement) return at.type === "range";
  return !(event.key === " " && at.closest("button, a, summary, [role=button], [role=radio]"));
}
