// @ts-check
// A strip of thumbnails, one sprite for all; a press picks a picture.
import { hostIn, locate, make } from "../film.js";

/** @type {import("../film.js").Mount} */
export function mount(element, data, options = {}) {
  const host = hostIn(element, "thumbs");
  host.setAttribute("role", "group");

  /**
   * @param {{name: string, items: [string, string][], chosen: string, sprite: string}} strip
   * @param {import("../film.js").Options} caller
   */
  const show = ({ name, items, chosen, sprite }, caller) => {
    host.setAttribute("aria-label", name);
    host.replaceChildren(...items.map(([slug, title], k) => {
      const button = make("button", { type: "button", title, ariaLabel: title, ariaPressed: String(slug === chosen) });
      button.style.backgroundImage = `url(${locate(sprite, caller)})`;
      button.style.backgroundSize = `${items.length * 100}% 100%`;
      button.style.backgroundPosition = `${items.length > 1 ? 100 * k / (items.length - 1) : 0}% 0`;
      button.onclick = () => caller.onPick?.(slug);
      return button;
    }));
  };
  show(data, options);
  return { update: (next, others = options) => show(next, others), destroy: () => host.remove() };
}
