// @ts-check
// A native range input: announces every level to the films in the browser, and to its caller only once the thumb rests.
import { announce } from "../bus.js";
import { hostIn, make } from "../film.js";
import { named } from "../terms.js";
import { Knob, ticks } from "./knob.js";

const KEY_REST = 250; // milliseconds: keys repeat, and are told once they rest

/** @type {import("../film.js").Mount} */
export function mount(element, data, options = {}) {
  const host = hostIn(element, "slider");
  const name = make("span", { className: "ql-slider-name" }), output = make("output");
  const input = make("input", { id: "ql-slider", type: "range", min: "0", step: "1" }), below = make("div", { className: "ql-ticks" });
  host.append(name, output, make("div", {}, input, below));
  input.dataset.live = "slider";
  document.documentElement.dataset.qlSlider = "true";
  let { group } = data, { onLevel } = options, byKey = false;

  const knob = new Knob(index => {
    const { labels } = knob, label = labels[index];
    input.value = String(index);
    input.dataset.level = output.textContent = label;
    input.setAttribute("aria-valuetext", label);
    say();
    host.style.setProperty("--ql-at", String(labels.length > 1 ? index / (labels.length - 1) : 0));
    announce(group, label, labels);
  }, label => {
    say();
    onLevel?.(label);
  });
  const say = () => { input.dataset.told = knob.told ?? ""; };

  input.onkeydown = () => { byKey = true; };
  input.onpointerdown = () => { byKey = false; };
  input.oninput = () => knob.move(+input.value);
  input.onchange = () => knob.rest(byKey ? KEY_REST : 0);

  /** @param {{group: string, name: string, help?: string, labels: string[], index: number}} next */
  const show = next => {
    group = next.group;
    if (name.textContent !== next.name) name.replaceChildren(named(next.name, next.help));
    input.setAttribute("aria-label", next.name);
    input.max = String(next.labels.length - 1);
    if (!knob.has(next.labels)) below.replaceChildren(...ticks(next.labels).map(textContent => make("span", { textContent })));
    knob.hear(next.labels, next.index);
  };
  show(data);
  return {
    update(next, others = options) {
      ({ onLevel } = others);
      show(next);
    },
    destroy() {
      knob.stop();
      host.remove();
      if (!document.querySelector("[data-live=slider]")) delete document.documentElement.dataset.qlSlider;
    },
  };
}
