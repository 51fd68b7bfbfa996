// @ts-check
// What a person has answered, kept in this browser: it is told to a new session once and whenever another tab writes more, and
// written as it grows. An empty text writes nothing, for another tab may know more; "{}" forgets. In a class whose students go on
// their own, answers to its lessons are sent there too.
import { Queue, active } from "./queue.js";

const KEY = "quantlab:learn";

/** The browser's memory; null inside of another site's page, where it blocks what third parties keep. */
function memory() {
  try {
    return localStorage;
  } catch {
    return null;
  }
}

/** Sends the class what it has not got yet. @param {Queue} queue @param {string} text @param {string[]} offered */
function hand(queue, text, offered) {
  const { lessons = {} } = JSON.parse(text);
  for (const slug of offered) {
    for (const [step, [, answer]] of Object.entries(lessons[slug] ?? {})) {
      if (!queue.of(`${slug}:${step}`, 1)) queue.push(`${slug}:${step}`, 1, answer);
    }
  }
}

/** @type {import("../../film/web/film.js").Mount} */
export function mount(_, data, { base = document.baseURI, onTell } = {}) {
  const gone = new AbortController();
  /** @type {Queue | null} */
  let queue = null;
  const take = (/** @type {{text: string, known: boolean}} */ { text, known }) => {
    if (!known) onTell?.(memory()?.getItem(KEY) ?? "");
    else if (text === "{}") memory()?.removeItem(KEY);
    else if (text) {
      memory()?.setItem(KEY, text);
      const there = active();
      if (queue?.code !== there?.code) {
        queue?.end();
        queue = there && new Queue(there.code, base);
      }
      if (queue?.mine.token && there) hand(queue, text, there.offered);
    }
  };
  addEventListener("storage", ({ key, newValue }) => { if (key === KEY && newValue) onTell?.(newValue); }, { signal: gone.signal });
  take(data);
  return { update: take, destroy: () => { gone.abort(); queue?.end(); } };
}
