// @ts-check
// Answers on their way to a class: each is kept in the browser until the server has acknowledged it, sent again after a lost line,
// and counted once by its key. Tabs of one browser share the queue.

/** @typedef {{question: string, round: number, key: string, answer: any, made: number}} Vote */
/** @typedef {{answer: any, kept: boolean, refused: string}} Sent what became of the last answer to a vote */
/** @typedef {{token: string, joining: string, name: string, queue: Vote[], sent: Record<string, Sent>}} Membership */

/** @type {Membership} */
const NOBODY = { token: "", joining: "", name: "", queue: [], sent: {} };
const ACTIVE = "quantlab:class"; // the class whose students go on their own, with the lessons that it has
const SOON = 1000, LATE = 8000; // milliseconds between two tries
const HELD = new Map(); // what a browser that keeps nothing forgets with its tab

/** The browser's memory, or the tab's where the browser keeps nothing. */
export const memory = {
  get(/** @type {string} */ key) {
    try {
      return localStorage.getItem(key) ?? HELD.get(key) ?? null;
    } catch {
      return HELD.get(key) ?? null;
    }
  },
  set(/** @type {string} */ key, /** @type {string} */ text) {
    HELD.set(key, text);
    try {
      localStorage.setItem(key, text);
    } catch {
      // what is full or blocked: the tab keeps it
    }
  },
  remove(/** @type {string} */ key) {
    HELD.delete(key);
    try {
      localStorage.removeItem(key);
    } catch {
      // nothing is kept there
    }
  },
};

/** A key by chance; `crypto.randomUUID` is not there on a page of plain HTTP, as in a class room's own net. */
export const newKey = () => [...crypto.getRandomValues(new Uint8Array(16))].map(byte => byte.toString(16).padStart(2, "0")).join("");

/** @param {any} value @returns {any} the same, null for what is no JSON */
const parsed = value => {
  try {
    return JSON.parse(value);
  } catch {
    return null;
  }
};

/** The class in which this browser goes on its own. @returns {{code: string, offered: string[]} | null} */
export const active = () => {
  const found = parsed(memory.get(ACTIVE));
  return typeof found?.code === "string" && Array.isArray(found.offered) ? found : null;
};

/** @param {string} code @param {string[]} offered none where the class does not go on its own */
export function activate(code, offered) {
  if (offered.length) memory.set(ACTIVE, JSON.stringify({ code, offered }));
  else if (active()?.code === code) memory.remove(ACTIVE);
}

/** A browser's part in a class: its name there, and what it has to send. */
export class Queue {
  /** @param {string} code @param {string} base @param {() => void} changed */
  constructor(code, base, changed = () => {}) {
    this.code = code;
    this.address = `${base}ql/class/${code}/`;
    this.changed = changed;
    this.wait = SOON;
    this.sending = false;
    this.ended = false;
    this.refusal = "";
    this.timer = 0;
    this.again = () => void this.flush();
    globalThis.addEventListener?.("online", this.again);
  }

  /** @returns {Membership} */
  get mine() {
    const found = parsed(memory.get(`quantlab:class:${this.code}`)) ?? {}, { token, joining, name, queue, sent } = found;
    const texts = [token, joining, name].every(text => typeof text === "string");
    return texts && Array.isArray(queue) && sent && typeof sent === "object" ? { token, joining, name, queue, sent } : { ...NOBODY };
  }

  /** @param {Partial<Membership>} changes */
  keep(changes) {
    memory.set(`quantlab:class:${this.code}`, JSON.stringify({ ...this.mine, ...changes }));
    this.changed();
  }

  /** @param {string} question @param {number} round @returns {Sent | undefined} */
  of(question, round) {
    return this.mine.sent[`${question}:${round}`];
  }

  /** Takes part under a name; a join that is sent again is the same student's. @param {string} name */
  async join(name) {
    const joining = this.mine.joining || newKey();
    this.keep({ joining, name });
    const { token } = await this.post("join", { name, key: joining });
    this.keep({ token });
  }

  /** Keeps an answer, and sends it. @param {string} question @param {number} round @param {any} answer */
  push(question, round, answer) {
    const { queue, sent } = this.mine, vote = { question, round, key: newKey(), answer, made: Date.now() };
    const rest = queue.filter(other => other.question !== question || other.round !== round); // a later answer takes their place
    this.keep({ queue: [...rest, vote], sent: { ...sent, [`${question}:${round}`]: { answer, kept: false, refused: "" } } });
    void this.flush();
  }

  /** Sends what waits, one after another, until nothing does; tries again where the line or the server is not there. */
  async flush() {
    clearTimeout(this.timer);
    if (this.sending || this.ended) return;
    this.sending = true;
    try {
      for (let [vote] = this.mine.queue; vote && this.mine.token; [vote] = this.mine.queue) await this.send(vote);
      this.wait = SOON;
    } catch {
      if (!this.ended) this.timer = Number(setTimeout(this.again, this.wait));
      this.wait = Math.min(2 * this.wait, LATE);
    } finally {
      this.sending = false;
    }
  }

  /** Sends one; throws where it has to be sent again. @param {Vote} vote */
  async send(vote) {
    let refused = "";
    try {
      await this.post("answer", vote);
    } catch (problem) {
      if (!(problem instanceof Refused) || problem.later) throw problem;
      refused = problem.message;
      if (problem.status === 403) this.keep({ token: "", joining: "" }); // the class knows this browser no more: it may join again
    }
    const { queue, sent } = this.mine, place = `${vote.question}:${vote.round}`;
    const newer = queue.some(other => other.question === vote.question && other.round === vote.round && other.key !== vote.key);
    this.keep({
      queue: queue.filter(other => other.key !== vote.key),
      sent: newer ? sent : { ...sent, [place]: { answer: vote.answer, kept: !refused, refused } },
    });
  }

  /** @param {string} what @param {object} body */
  async post(what, body) {
    return await this.ask(what, { method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json", ...this.bearer } });
  }

  /** What everybody may know of the class; with ``mine`` this student's own answer too. @param {boolean} mine */
  async state(mine = false) {
    return await this.ask("state", { headers: mine ? this.bearer : {} });
  }

  /** @returns {Record<string, string>} */
  get bearer() {
    const { token } = this.mine;
    return token ? { Authorization: `Bearer ${token}` } : {};
  }

  /** @param {string} what @param {RequestInit} how */
  async ask(what, how) {
    const answer = await fetch(this.address + what, { ...how, cache: "no-store", signal: AbortSignal.timeout(LATE) });
    const told = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new Refused(told.refused ?? "The server does not answer.", answer.status);
    return told;
  }

  end() {
    this.ended = true;
    clearTimeout(this.timer);
    globalThis.removeEventListener?.("online", this.again);
  }
}

/** What the server does not do, and whether it would later. */
export class Refused extends Error {
  /** @param {string} sentence @param {number} status */
  constructor(sentence, status) {
    super(sentence);
    this.status = status;
    this.later = status >= 500 || status === 429 || status === 408;
  }
}
