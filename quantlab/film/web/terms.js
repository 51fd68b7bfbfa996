// @ts-check
// A term's line beside the word: by hover, focus and tap. A term is a button made by `named`, or any link to the glossary.
import { make } from "./film.js";

const TERMS = "button.ql-term, a[href*='glossary?q=']", AWAY = ".ql-glossary, .ql-term-card", ID = "ql-term-card";
const SOON = 150, LATER = 250; // milliseconds until the pointer opens and closes it

/** @typedef {Record<string, [name: string, line: string, shown: string, address: string]>} Lines by names in lower case */

/** @type {Promise<Lines> | undefined} */
let lines;
/** @type {HTMLElement | null} */
let open = null;
let pinned = false, watching = false, timer = 0;
/** @type {HTMLElement} */
let card;

/**
 * A name with a line of help behind it; a plain one where there is none.
 * @param {string} name
 * @param {string} [help]
 */
export function named(name, help) {
  if (!help) return make("span", { textContent: name });
  const button = make("button", { type: "button", className: "ql-term", textContent: name, ariaExpanded: "false" });
  button.dataset.help = help;
  return make("span", {}, button);
}

/** Shows the lines of all terms of the page, those to come too. */
export function watch() {
  if (watching) return;
  watching = true;
  card = make("div", { id: ID, className: ID });
  card.setAttribute("role", "dialog");
  card.setAttribute("popover", "manual");
  document.body.append(card);
  document.addEventListener("pointerover", ({ target, pointerType }) => {
    if (pointerType !== "mouse") return;
    const term = termOf(target);
    if (term) later(SOON, () => show(term, pinned && term === open));
    else if (within(target)) later(0, () => {});
    else if (open && !pinned) later(LATER, hide);
    else later(0, () => {});
  });
  document.addEventListener("focusin", ({ target }) => {
    const term = termOf(target);
    if (term?.matches(":focus-visible")) show(term);
    else if (open && !pinned && !within(target) && term !== open) hide();
  });
  document.addEventListener("click", event => {
    const term = termOf(event.target);
    if (!term) return within(event.target) ? undefined : hide();
    if (event.ctrlKey || event.metaKey || event.shiftKey) return undefined;
    event.preventDefault();
    if (open === term && pinned) hide();
    else show(term, true);
  });
  document.addEventListener("keydown", onKey, true);
  addEventListener("scroll", () => { if (open) place(open); }, true);
  addEventListener("resize", hide);
}

/** @param {EventTarget | null} target */
function termOf(target) {
  const term = target instanceof Element ? /** @type {HTMLElement | null} */ (target.closest(TERMS)) : null;
  return term && !term.closest(AWAY) ? term : null;
}

/** @param {EventTarget | null} target */
const within = target => target instanceof Node && card.contains(target);

/** @param {number} delay @param {() => void} act */
function later(delay, act) {
  clearTimeout(timer);
  timer = window.setTimeout(act, delay);
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  if (!open) return;
  const links = [...card.querySelectorAll("a")], here = links.indexOf(/** @type {any} */ (document.activeElement));
  if (event.key === "Escape") {
    event.stopPropagation();
    if (here >= 0) open.focus();
    hide();
  } else if (event.key === "Tab" && document.activeElement === open && !event.shiftKey && links.length) {
    event.preventDefault();
    pinned = true;
    links[0].focus();
  } else if (event.key === "Tab" && here >= 0 && (event.shiftKey ? here === 0 : here === links.length - 1)) {
    const term = open;
    if (event.shiftKey) event.preventDefault();
    hide();
    term.focus(); // on from here
  }
}

/** @param {HTMLElement} term @param {boolean} [pin] */
async function show(term, pin = false) {
  clearTimeout(timer);
  if (open !== term) hide();
  [open, pinned] = [term, pin];
  term.setAttribute("aria-expanded", "true");
  term.setAttribute("aria-haspopup", "dialog");
  const name = term instanceof HTMLAnchorElement ? new URL(term.href).searchParams.get("q") ?? "" : term.textContent ?? "";
  fill(name, term.dataset.help ?? "");
  const found = (await known())[name.toLowerCase()];
  if (open === term && found) fill(name, term.dataset.help ?? found[1], found);
}

/** @param {string} name @param {string} line @param {Lines[string]} [found] */
function fill(name, line, found) {
  if (!open || !(line || found)) return;
  const more = found ? [linked(`See ${found[2]}`, found[3]), linked("In the glossary", `glossary?q=${encodeURIComponent(found[0])}`)] : [];
  card.setAttribute("aria-label", name);
  card.replaceChildren(make("b", { textContent: found?.[0] ?? name }), make("p", { textContent: ended(line) }), ...more);
  card.style.color = getComputedStyle(open).color;
  card.style.background = ground(open);
  if (!card.matches(":popover-open")) card.showPopover();
  place(open);
}

/** What a word stands on: the first background behind it. @param {Element | null} element @returns {string} */
function ground(element) {
  const color = element ? getComputedStyle(element).backgroundColor : "Canvas";
  return color === "rgba(0, 0, 0, 0)" || color === "transparent" ? ground(element?.parentElement ?? null) : color;
}

/** @param {string} line */
const ended = line => (/[.!?]$/.test(line) ? line : `${line}.`);

/** A link that leaves the page as it is. @param {string} textContent @param {string} href */
const linked = (textContent, href) => make("a", { textContent: `${textContent} \u2197`, href, target: "_blank", rel: "noopener" });

/** @returns {Promise<Lines>} */
function known() {
  lines ??= fetch(new URL("terms.json", import.meta.url)).then(answer => {
    if (!answer.ok) throw new Error(`the glossary did not come: ${answer.status}`);
    return answer.json();
  });
  lines.catch(() => { lines = undefined; }); // asked again at the next word
  return lines;
}

/** Below the word, or above it where there is no room. @param {HTMLElement} term */
function place(term) {
  const at = term.getBoundingClientRect(), own = card.getBoundingClientRect(), gap = 6;
  if (!term.isConnected || at.bottom < 0 || at.top > innerHeight) return hide();
  const below = at.bottom + gap + own.height < innerHeight;
  card.style.left = `${Math.max(8, Math.min(at.left, innerWidth - own.width - 8))}px`;
  card.style.top = `${below ? at.bottom + gap : Math.max(8, at.top - gap - own.height)}px`;
}

function hide() {
  clearTimeout(timer);
  open?.setAttribute("aria-expanded", "false");
  [open, pinned] = [null, false];
  if (card.matches(":popover-open")) card.hidePopover();
}
