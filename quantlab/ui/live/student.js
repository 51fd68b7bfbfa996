// @ts-check
// A student in a class: joins, hears which question the class is at, answers, and sees what became of the answer. Pictures and
// words of the question are Python's; it is told whenever the class has moved.
import { mount as drawing } from "../../film/web/controls/draw.js";
import { mount as marking } from "../../film/web/controls/mark.js";
import { hostIn, make } from "../../film/web/film.js";

import { Queue, Refused, activate } from "./queue.js";

/**
 * @typedef {object} Data
 * @property {string} code
 * @property {string} stand the question, phase and round that the page shows, as `State.stand` writes them
 * @property {boolean} heard whether the page has heard from this browser
 * @property {{kind: string, options?: string[], labels?: string[], axis?: [number, number, number], name?: string, unit?: string, counts?: number[], mirrored?: boolean, count?: number} | null} description
 */

const POLL = 1500; // milliseconds between two looks at the class
const AGAIN = 5000; // after which the page is told again where it has not heard

/** @type {import("../../film/web/film.js").Mount} */
export function mount(element, first, { base = document.baseURI, onTell } = {}) {
  const host = hostIn(element, "student"), status = make("p", { role: "status" }), form = make("div");
  host.append(form, status);
  /** @type {Data} */
  let data = first;
  /** @type {any} */
  let state = null;
  let problem = "", drawn = "", told = first.heard ? first.stand : "", timer = 0, toldAt = 0, ended = false;
  /** @type {any} */
  let chosen = null;
  const queue = new Queue(first.code, base, () => show());

  const look = async () => {
    clearTimeout(timer);
    try {
      state = await queue.state();
      problem = "";
      activate(data.code, state.closed ? [] : state.offered);
      const { stand } = state;
      if ((stand !== told || (stand !== data.stand && Date.now() > toldAt + AGAIN)) && queue.mine.token) {
        [told, toldAt] = [stand, Date.now()];
        const mine = queue.of(state.question, state.round);
        onTell?.({ stand, question: state.question, round: state.round, answer: mine?.kept ? mine.answer : null });
      }
    } catch (met) {
      problem = met instanceof Refused ? met.message : "The server cannot be reached. What you answer is kept here and sent once it is back.";
    }
    show();
    if (!ended) timer = Number(setTimeout(look, POLL * (0.8 + 0.4 * Math.random())));
  };

  const show = () => {
    const { token, name } = queue.mine, asks = token && state && data.description && data.stand === state.stand && state.phase === "open" && !state.closed;
    const shown = !token ? "join" : asks ? `ask|${data.stand}` : "nothing";
    if (shown !== drawn) {
      drawn = shown;
      chosen = asks ? queue.of(state.question, state.round)?.answer ?? null : null;
      form.replaceChildren(...!token ? [joining(name)] : asks ? [asking()] : []);
    }
    const words = problem || (token ? said() : "");
    if (status.textContent !== words) status.textContent = words;
  };

  /** What became of the answer, and how many have given theirs. */
  const said = () => {
    if (!state) return "Asking the class…";
    if (state.closed) return "The class is closed.";
    const { question, round, phase, answered, joined } = state, mine = queue.of(question, round), waiting = queue.mine.queue.length;
    if (!question) return `You are in the class, with ${joined} in all. The question comes from your teacher.`;
    const count = `${answered} of ${joined} have answered.`;
    if (mine?.refused) return mine.refused;
    if (waiting) return `Your answer is kept in this browser and on its way. ${count}`;
    if (phase !== "open") return phase === "frozen" ? `The vote is closed. ${count}` : count;
    return mine?.kept ? `The class has your answer; you may change it until the vote is closed. ${count}` : count;
  };

  const joining = (/** @type {string} */ name) => {
    const input = make("input", { value: name, maxLength: 30, autocomplete: "off", ariaLabel: "Nickname, or nothing" });
    const button = make("button", { textContent: "Join the class", type: "submit" });
    const box = make("form", {}, make("label", { textContent: "Nickname, or nothing" }), input, button);
    box.onsubmit = async event => {
      event.preventDefault();
      button.disabled = true;
      try {
        await queue.join(input.value);
        problem = told = "";
        void look();
      } catch (met) {
        problem = met instanceof Refused ? met.message : "The server cannot be reached; try again.";
        show();
      }
      button.disabled = false;
    };
    return box;
  };

  const asking = () => {
    const description = /** @type {NonNullable<Data["description"]>} */ (data.description), options = description.options ?? [];
    const button = make("button", { textContent: "Send", type: "submit" });
    const box = make("form", {});
    const may = () => { button.disabled = chosen === null || (description.kind === "order" && chosen.length < options.length) || chosen === ""; };
    const choose = (/** @type {any} */ answer) => {
      chosen = answer;
      may();
    };
    if (description.kind === "choice") {
      const group = make("div", { role: "radiogroup", ariaLabel: "Your answer" });
      group.append(...options.map((option, k) => {
        const input = make("input", { type: "radio", name: `answer-${data.code}`, checked: chosen === k });
        input.onchange = () => choose(k);
        return make("label", {}, input, make("span", { textContent: option }));
      }));
      box.append(group);
    } else if (description.kind === "order") {
      const list = make("ol", { ariaLabel: "Your order, the least first" });
      /** @type {number[]} */
      let order = Array.isArray(chosen) ? [...chosen] : options.map((_, k) => k);
      const draw = () => {
        list.replaceChildren(...order.map((k, place) => {
          const up = make("button", { type: "button", textContent: "↑", ariaLabel: `${options[k]}: one place up`, disabled: place === 0 });
          up.onclick = () => {
            order = order.with(place - 1, k).with(place, order[place - 1]);
            draw();
            list.querySelectorAll("button")[place - 1].focus();
          };
          return make("li", {}, make("span", { textContent: options[k] }), up);
        }));
        choose([...order]);
      };
      draw();
      box.append(make("p", { textContent: "The least first" }), list);
    } else if (description.kind === "draw") {
      const place = make("div");
      drawing(place, { name: description.name, labels: description.labels, axis: description.axis, unit: description.unit, guess: chosen, truth: null }, { onPick: values => choose([...values]) });
      box.append(place);
    } else if (description.kind === "mark") {
      const place = make("div");
      marking(place, { ...description, guess: chosen, truth: null }, { onPick: values => choose([...values]) });
      box.append(place);
    } else {
      const input = make("input", { inputMode: "decimal", autocomplete: "off", maxLength: 40, value: chosen ?? "", ariaLabel: description.unit ? `Your number, ${description.unit}` : "Your number" });
      input.oninput = () => choose(input.value.trim());
      box.append(make("label", { textContent: input.ariaLabel ?? "" }), input);
    }
    box.append(button);
    may();
    box.onsubmit = event => {
      event.preventDefault();
      if (chosen !== null) queue.push(state.question, state.round, chosen);
    };
    return box;
  };

  show();
  void look();
  void queue.flush();
  return {
    update(next, others = {}) {
      ({ onTell } = others);
      if (JSON.stringify(next) === JSON.stringify(data)) return;
      data = next;
      told = next.stand;
      drawn = "";
      show();
    },
    destroy() {
      ended = true;
      clearTimeout(timer);
      queue.end();
      host.remove();
    },
  };
}
