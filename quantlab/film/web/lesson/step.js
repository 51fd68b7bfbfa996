// @ts-check
// A lesson's step in a page of its own, with no server: a question, what was expected, the truth over it, and the films, which lie in
// the page. What was answered is kept by the browser where it keeps anything.
import { mount as drawing } from "../controls/draw.js";
import { mount as marking } from "../controls/mark.js";
import { mount as slider } from "../controls/slider.js";
import { make } from "../film.js";

/**
 * @typedef {object} Question
 * @property {"number" | "choice" | "order" | "draw" | "mark"} kind
 * @property {string[]} options of a choice or an order, as HTML of the lesson's own words
 * @property {any} truth a number, the place of an option, the order of the options, the heights of a curve, or the places of marks
 * @property {string} written the truth in words
 * @property {number} within how near a number is near enough
 * @property {boolean} share whether people write the number in percent
 * @property {string} unit
 * @property {string} name what is asked for
 * @property {string[]} hints to each wrong option, as HTML; "" for none
 * @property {[any, string][]} wrong what wrong ideas give, and the hint to each as HTML
 * @property {string[]} labels
 * @property {[number, number, number]} axis
 * @property {number[]} [counts] values in even bars, for marks
 * @property {boolean} [mirrored]
 * @property {number} [count] of marks
 * @property {number} near how near a mean distance of curves is near enough
 */

/** @typedef {{title: string, films: [string, string, boolean][], knob: any}} Scene kind, bytes in base64 and whether it tells the answer */

/** @typedef {{key: string, question: Question | null, scenes: Scene[], unlocked: boolean}} Data */

const mean = (/** @type {number[]} */ list) => list.reduce((a, b) => a + b, 0) / list.length;
const bytes = (/** @type {string} */ text) => Uint8Array.from(atob(text), letter => letter.charCodeAt(0));
/** @param {"p" | "span"} tag @param {string} text HTML of the lesson, which its maker has rendered */
const html = (tag, text, className = "") => make(tag, { innerHTML: text, className });

/** @param {string} key @returns {any} what was answered, null where nothing was */
function kept(key) {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "null");
  } catch {
    return null;
  }
}

/** @param {string} key @param {any} answer */
function keep(key, answer) {
  try {
    localStorage.setItem(key, JSON.stringify(answer));
  } catch {
    // this browser keeps nothing: the page goes on without
  }
}

/** The number that a person typed, null where it is none: decimal point or comma, any minus, a fraction, percent. @param {string} text @param {boolean} share */
export function readNumber(text, share) {
  const plain = text.trim().replaceAll("\u2212", "-").replaceAll(/[\u2009 ]/g, "").replace(/(%|dB|bits)$/, "");
  const [above, below, ...more] = (plain.includes(".") ? plain : plain.replace(",", ".")).split("/");
  const number = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i, part = (/** @type {string} */ word) => number.test(word) ? Number(word) : NaN;
  const value = below === undefined ? part(above) : part(above) / part(below);
  if (more.length || !Number.isFinite(value)) return null;
  return share && (text.includes("%") || Math.abs(value) > 1) ? value / 100 : value;
}

/**
 * How near an answer is, and the hint to the wrong idea that gives it, as HTML.
 * @param {Question} question @param {any} answer @returns {{right: boolean, said: string, hint: string}}
 */
export function grade(question, answer) {
  const { kind, truth } = question;
  if (kind === "number") {
    const value = readNumber(String(answer), question.share) ?? NaN;
    if (Math.abs(value - truth) <= question.within) return { right: true, said: `Near enough: it is ${question.written}.`, hint: "" };
    const [, hint = ""] = question.wrong.find(([wrong]) => Math.abs(value - wrong) <= question.within / 2) ?? [];
    return { right: false, said: `It is ${question.written}.`, hint };
  }
  if (kind === "choice") return answer === truth ? { right: true, said: "Right.", hint: "" } : { right: false, said: `No: ${question.options[truth]}.`, hint: question.hints[answer] ?? "" };
  if (kind === "order") {
    const right = answer.join() === truth.join();
    return { right, said: `${right ? "Right" : "It is"}: ${truth.map((/** @type {number} */ k) => question.options[k]).join(" < ")}.`, hint: "" };
  }
  if (kind === "mark") {
    const from = (/** @type {number[]} */ places) => mean(answer.toSorted((/** @type {number} */ a, /** @type {number} */ b) => a - b).map((/** @type {number} */ v, /** @type {number} */ k) => Math.abs(v - places[k])));
    const apart = from(truth), right = apart <= question.within;
    const ideas = question.wrong.filter(([places]) => places.length === truth.length && from(places) < apart).toSorted(([a], [b]) => from(a) - from(b));
    const where = truth.length > 1 ? `On average your marks lie ${apart.toPrecision(2)} from the places.` : `It is at ${truth[0].toPrecision(3)}, you put it at ${answer[0].toPrecision(3)}.`;
    return { right, said: `${where}${right ? " That is near." : ""}`, hint: right ? "" : ideas[0]?.[1] ?? "" };
  }
  const finite = truth.filter((/** @type {number | null} */ v) => v !== null), span = Math.max(...finite) - Math.min(...finite) || 1;
  const distances = truth.flatMap((/** @type {number | null} */ v, /** @type {number} */ k) => v === null ? [] : [Math.abs(v - answer[k])]);
  const apart = mean(distances);
  const right = apart <= question.near * span;
  return { right, said: `On average your curve lies ${apart.toFixed(1)} ${question.unit} from the measured one.${right ? " That is near." : ""}`, hint: "" };
}

/**
 * The step: its question in `ask`, its pictures in `pictures`, its slider in `bar`; `why` is shown with the truth.
 * @param {{ask: HTMLElement, pictures: HTMLElement, bar: HTMLElement, why: HTMLElement}} places
 * @param {Data} data
 * @param {(kind: string) => Promise<{mount: import("../film.js").Mount}>} load
 */
export async function run({ ask, pictures, bar, why }, data, load) {
  const { question, scenes, key } = data;
  let answer = question ? kept(key) : true;
  /** @type {import("../film.js").Handle[]} */
  let mounted = [];
  let turn = 0;

  const show = async (/** @type {number} */ which, /** @type {boolean} */ open) => {
    const mine = ++turn;
    for (const one of mounted) one.destroy();
    mounted = [];
    pictures.replaceChildren();
    bar.replaceChildren();
    const { films, knob } = scenes[which], free = open && data.unlocked && scenes.length === 1;
    for (const [kind, film, hidden] of films) {
      if (hidden && !open) continue;
      const place = make("section");
      pictures.append(place);
      const { mount } = await load(kind);
      if (mine !== turn) return;
      mounted.push(mount(place, bytes(film), { plotly: null, level: knob?.labels[knob.index] }));
    }
    if (knob && free) mounted.push(slider(bar, knob));
  };

  const choices = () => {
    if (scenes.length < 2) return;
    const box = make("div", { className: "choices" });
    box.setAttribute("role", "group");
    box.append(...scenes.map(({ title }, k) => {
      const button = make("button", { type: "button", textContent: title });
      button.setAttribute("aria-pressed", String(k === 0));
      button.onclick = () => {
        box.querySelectorAll("button").forEach(other => other.setAttribute("aria-pressed", String(other === button)));
        void show(k, true);
      };
      return button;
    }));
    ask.append(box);
  };

  const reveal = () => {
    ask.replaceChildren();
    if (question) {
      const { right, said, hint } = grade(question, answer);
      if (question.kind === "draw") {
        const place = make("div");
        ask.append(place);
        drawing(place, { ...question, guess: answer, truth: question.truth });
      }
      if (question.kind === "mark") {
        const place = make("div");
        ask.append(place);
        marking(place, { ...question, guess: answer, truth: question.truth });
      }
      if (question.kind === "choice" && question.options[answer] !== undefined) ask.append(html("p", `You said: ${question.options[answer]}`));
      if (question.kind === "number") ask.append(make("p", { textContent: `You said: ${answer}` }));
      ask.append(html("p", said, right ? "right" : "wrong"));
      if (hint) ask.append(html("p", hint, "hint"));
      const again = make("button", { type: "button", textContent: "Answer again" });
      again.onclick = () => { answer = null; begin(); };
      ask.append(again);
    }
    why.hidden = false;
    choices();
    void show(0, true);
  };

  const hand = (/** @type {any} */ given) => {
    answer = given;
    keep(key, given);
    reveal();
  };

  const begin = () => {
    if (!question || answer !== null) {
      reveal();
      return;
    }
    why.hidden = true;
    const button = make("button", { type: "submit", textContent: "That is what I expect" }), problem = make("p", { className: "problem" });
    problem.setAttribute("role", "status");
    const form = make("form");
    /** @type {any} */
    let given = null;
    if (question.kind === "choice") {
      form.append(...question.options.map((option, k) => {
        const input = make("input", { type: "radio", name: "answer" });
        input.onchange = () => { given = k; };
        return make("label", {}, input, html("span", option));
      }));
    } else if (question.kind === "order") {
      const list = make("ol");
      const order = question.options.map((_, k) => k);
      const draw = () => list.replaceChildren(...order.map((k, place) => {
        const up = make("button", { type: "button", textContent: "\u2191", disabled: place === 0, ariaLabel: "one place up" });
        up.onclick = () => {
          [order[place - 1], order[place]] = [order[place], order[place - 1]];
          draw();
        };
        return make("li", {}, html("span", question.options[k]), up);
      }));
      draw();
      given = order;
      form.append(make("p", { textContent: "The least first" }), list);
    } else if (question.kind === "draw") {
      const place = make("div");
      drawing(place, { ...question, guess: null, truth: null }, { onPick: values => { given = [...values]; } });
      form.append(place);
    } else if (question.kind === "mark") {
      const place = make("div");
      marking(place, { ...question, guess: null, truth: null }, { onPick: values => { given = [...values]; } });
      form.append(place);
    } else {
      const input = make("input", { inputMode: "decimal", autocomplete: "off", maxLength: 40 });
      input.oninput = () => { given = input.value; };
      form.append(make("label", {}, make("span", { textContent: question.unit ? `Your number, ${question.unit}` : "Your number" }), input));
    }
    form.append(button, problem);
    form.onsubmit = event => {
      event.preventDefault();
      const missing = given === null || (question.kind === "number" && readNumber(given, question.share) === null);
      if (!missing) hand(given);
      else problem.textContent = question.kind === "number" ? "Type a number like 12.5." : question.kind === "draw" ? "Draw the curve over all levels." : question.kind === "mark" ? "Put the marks on the picture." : "Choose one of the answers.";
    };
    ask.replaceChildren(form);
    void show(0, false);
  };

  begin();
}
