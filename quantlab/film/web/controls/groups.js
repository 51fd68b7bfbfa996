// @ts-check
// Choices by group, each with its strokes: the picture of what is chosen in sight, the others unfolded by a press.
import { hostIn, make } from "../film.js";

const SVG = "http://www.w3.org/2000/svg", HIGH = 14;

/** @typedef {[slug: string, title: string, marks: number[]]} Entry */
/** @typedef {{groups: [string, Entry[]][], chosen: string}} Groups */

/**
 * Strokes at these places, as wide as there is room.
 * @param {number[]} marks places from 0 to 1
 */
export function strokes(marks) {
  const svg = document.createElementNS(SVG, "svg"), path = document.createElementNS(SVG, "path");
  svg.setAttribute("viewBox", `-1 0 102 ${HIGH}`);
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", marks.map(at => `M${100 * at} 0V${HIGH}`).join(""));
  path.setAttribute("vector-effect", "non-scaling-stroke");
  svg.append(path);
  return svg;
}

/** @type {import("../film.js").Mount} */
export function mount(element, data, options = {}) {
  const host = hostIn(element, "groups"), details = make("details"), summary = make("summary"), list = make("div");
  details.append(summary, list);
  host.append(details);

  /**
   * @param {Groups} next
   * @param {import("../film.js").Options} caller
   */
  const show = ({ groups, chosen }, caller) => {
    const own = groups.flatMap(([, entries]) => entries).find(([slug]) => slug === chosen);
    summary.replaceChildren(strokes(own?.[2] ?? []), make("span", { textContent: "Levels of all schemes" }));
    list.replaceChildren(...groups.map(([title, entries]) => {
      const group = make("div", {}, make("p", { textContent: title }), ...entries.map(([slug, name, marks]) => {
        const button = make("button", { type: "button", ariaPressed: String(slug === chosen) }, make("span", { textContent: name }), strokes(marks));
        button.onclick = () => caller.onPick?.(slug);
        return button;
      }));
      group.setAttribute("role", "group");
      group.setAttribute("aria-label", title);
      return group;
    }));
  };
  show(data, options);
  return { update: (next, others = options) => show(next, others), destroy: () => host.remove() };
}
