// @ts-check
// Pictures with what a network takes them for: a frame for right, a cross for wrong; pressing one shows both lists of answers.
import { join, labelOf } from "../bus.js";
import { brush, hostIn, make, unpack } from "../film.js";

/** @typedef {[number, number][]} Answers the likeliest classes of a picture, each with its share in per cent */

const LARGE = 64; // rows above which a picture is shown large

/** @type {import("../film.js").Mount} */
export function mount(element, bytes, options = {}) {
  const host = hostIn(element, "answers"), wall = new Wall(host);
  host.dataset.film = "answers";
  host.setAttribute("role", "group");
  let leave = wall.show(bytes, options);
  return {
    update(next, others = options) {
      leave();
      leave = wall.show(next, others);
    },
    destroy() {
      leave();
      host.remove();
    },
  };
}

class Wall {
  /** @type {number | null} the picture that a person chose; it stays chosen over films */
  #chosen = null;

  /** @param {HTMLElement} host */
  constructor(host) {
    this.host = host;
    this.caption = make("small");
    this.wall = make("div");
    this.told = make("p");
    this.lists = [make("div"), make("div")];
    host.append(this.caption, this.wall, this.told, make("section", {}, ...this.lists));
  }

  /**
   * @param {Uint8Array} bytes
   * @param {import("../film.js").Options} options
   */
  show(bytes, options) {
    const { header, payload } = unpack(bytes), { host } = this, { count, rows } = header;
    /** @type {{classes: string[], truth: number[], before: Answers[], after: (Answers[] | null)[]}} */
    const { classes, truth, before, after } = /** @type {any} */ (header);
    host.dataset.large = String(rows > LARGE);
    host.dataset.single = String(count === 1);
    this.caption.textContent = header.alt;
    host.setAttribute("aria-label", header.alt);
    let level = 0;

    const firstWrong = () => Math.max(0, truth.findIndex((right, n) => before[n][0][0] === right && after[level]?.[n][0][0] !== right));
    const choose = () => {
      const n = Math.min(this.#chosen ?? firstWrong(), count - 1);
      tiles.forEach((tile, k) => {
        tile.ariaPressed = String(k === n);
        tile.tabIndex = k === n ? 0 : -1; // one stop of the Tab key; arrows go from picture to picture
      });
      if (n < 0) return;
      list(this.lists[0], "float", before[n], truth[n], classes);
      list(this.lists[1], `${labelOf(header, level)} bits`, after[level]?.[n] ?? [], truth[n], classes);
      this.told.textContent = header.known ? `${classes[truth[n]]}:` : `In float: ${classes[truth[n]]}`;
    };
    const tiles = Array.from({ length: count }, (_, n) => tileOf(header, payload, n));
    tiles.forEach((tile, n) => {
      tile.onclick = () => {
        this.#chosen = n;
        choose();
      };
    });
    this.wall.replaceChildren(...tiles);
    this.wall.onkeydown = event => step(event, tiles);
    return join(header, host, i => {
      level = i;
      const answers = after[i];
      tiles.forEach((tile, n) => {
        const now = answers?.[n][0][0], state = now === undefined ? "waiting" : now === truth[n] ? "right" : "wrong";
        if (tile.dataset.state !== state) tile.dataset.state = state;
        const own = classes[truth[n]], [first, second] = header.known ? [own, `${own}, answered`] : [own, `In float ${own}, now`];
        tile.title = now === undefined ? first : `${second} ${classes[now]}`;
        tile.ariaLabel = tile.title;
      });
      choose();
    }, options.level);
  }
}

/**
 * Picture number n as a button.
 * @param {import("../film.js").Header} header
 * @param {Uint8Array} payload
 * @param {number} n
 */
function tileOf({ rows, cols }, payload, n) {
  const canvas = make("canvas", { width: cols, height: rows }), picture = new ImageData(cols, rows);
  for (let i = 0, from = n * rows * cols * 3; i < rows * cols; i++, from += 3) {
    picture.data.set([payload[from], payload[from + 1], payload[from + 2], 255], 4 * i);
  }
  brush(canvas).putImageData(picture, 0, 0);
  return make("button", { type: "button" }, canvas, make("i"));
}

/**
 * Arrows go from picture to picture.
 * @param {KeyboardEvent} event
 * @param {HTMLButtonElement[]} tiles
 */
function step(event, tiles) {
  const inRow = tiles.filter(tile => tile.offsetTop === tiles[0].offsetTop).length;
  /** @type {Record<string, number>} */
  const ways = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -inRow, ArrowDown: inRow };
  const next = tiles[tiles.findIndex(tile => tile === document.activeElement) + ways[event.key]];
  if (!next) return;
  event.preventDefault();
  next.click();
  next.focus();
}

/**
 * The answers of one picture with their shares, the right one marked.
 * @param {HTMLElement} box
 * @param {string} title
 * @param {Answers} answers
 * @param {number} right
 * @param {string[]} classes
 */
function list(box, title, answers, right, classes) {
  box.replaceChildren(make("b", { textContent: title }), ...answers.map(([k, share]) => {
    const line = make("span", {}, make("cite", { textContent: classes[k] }), make("em", { textContent: `${share} %` }));
    line.style.setProperty("--ql-share", `${share}%`);
    line.dataset.right = String(k === right);
    return line;
  }));
}
