// @ts-check
// The wipe's buttons: what is compared, how much the error is amplified, and zoom.
import { make } from "../film.js";

const GAINS = [1, 2, 4, 8, 16, 32];

/**
 * @param {object} how
 * @param {import("./stage.js").Stage} how.stage
 * @param {import("../films/wipe.js").Look} how.kept
 * @param {[string, string][]} how.views slug and title
 * @param {() => void} how.look after a change of place
 * @param {() => void} how.repaint after a change of what is shown
 * @param {(slug: string) => void} how.pick hears the view that a person chose
 */
export function controls({ stage, kept, views, look, repaint, pick }) {
  const { gain, select, zooms, scale } = stage;
  const show = () => {
    buttons.forEach((button, k) => { button.ariaPressed = String(views[k][0] === kept.view); });
    gain.hidden = kept.view !== "error";
  };
  const buttons = views.map(([slug, title]) => button(title, () => {
    if (kept.view === slug) return;
    kept.view = slug;
    show();
    repaint();
    pick(slug);
  }));
  stage.views.replaceChildren(...buttons);
  select.replaceChildren(...GAINS.map(n => new Option(`× ${n}`, String(n), n === kept.gain, n === kept.gain)));
  select.onchange = () => {
    kept.gain = +select.value;
    repaint();
  };
  const zoom = (/** @type {string} */ text, /** @type {() => void} */ act) => button(text, () => {
    act();
    look();
  });
  const { place } = kept;
  zooms.replaceChildren(scale, zoom("Fit", () => place.fit()), zoom("100 %", () => place.zoom(1)), zoom("800 %", () => place.zoom(8)));
  show();
}

/** @param {string} textContent @param {() => void} onclick */
const button = (textContent, onclick) => make("button", { type: "button", textContent, onclick });
