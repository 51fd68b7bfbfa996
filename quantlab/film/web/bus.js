// @ts-check
// What a slider and the films of its group share, all in the browser: the level that is announced, and who repaints at it.

/** @typedef {(level: string | null) => void} Show */
/** @typedef {{level: string | null, labels: string[] | null, films: Map<HTMLElement, Show>}} Group */

/** @type {Map<string, Group>} */
const groups = new Map();

/**
 * The group of this name, made when it is first asked for.
 * @param {string} name
 * @returns {Group}
 */
export function groupOf(name) {
  const group = groups.get(name) ?? { level: null, labels: null, films: new Map() };
  groups.set(name, group);
  return group;
}

/**
 * All films of a group are painted at this level.
 * @param {string} name
 * @param {string} level
 * @param {string[]} [labels] all levels of the slider: films of other ones belong to another state of the page
 */
export function announce(name, level, labels) {
  const group = groupOf(name);
  Object.assign(group, { level, labels: labels ?? null });
  for (const show of group.films.values()) show(level);
}

/**
 * The film's own level at the slider's label: another one where the film follows the slider of another film; -1 for none.
 * @param {{labels: string[], at?: number[]}} film
 * @param {string | null} label
 */
export function levelAt({ labels, at }, label) {
  const index = label === null ? -1 : labels.indexOf(label);
  return at && index >= 0 ? at[index] : index;
}

/**
 * The slider's label at which a film shows a level of its own.
 * @param {{labels: string[], at?: number[]}} film
 * @param {number} index
 */
export const labelOf = ({ labels, at }, index) => labels[at ? at.indexOf(index) : index];

/**
 * A film joins its group and is painted as soon as a level is known. `paint` takes the level's index; where it has to wait
 * for something it says false, and the film's level stays unsaid until it has painted.
 * @param {{group: string, labels: string[], at?: number[], level?: string}} film
 * @param {HTMLElement} host
 * @param {(index: number) => unknown} paint
 * @param {string} [first] the level to show until a slider announces one
 * @returns {() => void} leaves the group
 */
export function join(film, host, paint, first) {
  const { group: name, labels } = film, group = groupOf(name);
  /** @type {Show} */
  const show = announced => {
    const level = announced ?? first ?? film.level ?? null, index = levelAt(film, level); // the last where no slider stands beside it
    if (level === null || index < 0 || (group.labels && !same(group.labels, labels))) return; // of another state, whose films are on their way
    if (paint(index) === false) delete host.dataset.level;
    else host.dataset.level = level;
  };
  group.films.set(host, show);
  show(group.level);
  return () => {
    if (group.films.get(host) === show) group.films.delete(host);
  };
}

/** @param {string[]} a @param {string[]} b */
const same = (a, b) => a.length === b.length && a.every((label, k) => label === b[k]);

/**
 * The film at this host is painted again at the level that is announced: what it waited for is here.
 * @param {string} name
 * @param {HTMLElement} host
 */
export function repaint(name, host) {
  const group = groupOf(name);
  group.films.get(host)?.(group.level);
}
