// @ts-check
// A film in the browser: its bytes, the element that shows it, and what every module of `films` and `controls` gives its caller.

/**
 * What a caller gives to `mount` beside the film.
 * @typedef {object} Options
 * @property {string} [level] the level to show until a slider of the group announces one
 * @property {(label: string) => void} [onLevel] hears the label at which a slider's thumb rests
 * @property {(what: any) => void} [onPick] hears what a person picked: the x of a click, a bit, a picture, a view
 * @property {(what: any) => void} [onTell] hears what no person did: what the browser keeps, what came from a server
 * @property {string} [base] the URL below which the addresses in films lie; the page's own where it is not given
 * @property {string | null} [plotly] where plotly.js lies below the base; null where there is none
 */

/**
 * A mounted film or control.
 * @typedef {object} Handle
 * @property {(shown: any, options?: Options) => void} update shows another film, or other data, in the same element
 * @property {() => void} destroy leaves the group and lets go of all that it holds
 */

/** @typedef {(element: HTMLElement, shown: any, options?: Options) => Handle} Mount */

/**
 * The header of every film; each kind has more in it.
 * @typedef {{group: string, labels: string[], at?: number[], level?: string, alt: string, [more: string]: any}} Header
 */

/** @typedef {{header: Header, payload: Uint8Array<ArrayBuffer>}} Film */

/**
 * Header and payload of a film: the header's length in four bytes, the header as JSON padded to four bytes, then the numbers.
 * The payload is a copy, so that float32 begin on a multiple of four.
 * @param {Uint8Array} bytes
 * @returns {Film}
 */
export function unpack(bytes) {
  const start = 4 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  return { header: JSON.parse(new TextDecoder().decode(bytes.subarray(4, start))), payload: new Uint8Array(bytes.subarray(start)) };
}

/**
 * A `mount` that draws a film into one element. `draw` fills the element anew for every film and returns what undoes it.
 * @param {string} kind
 * @param {(host: HTMLElement, film: Film, options: Options) => () => void} draw
 * @returns {Mount}
 */
export function film(kind, draw) {
  return (element, bytes, options = {}) => {
    const host = hostIn(element, kind);
    host.dataset.film = kind;
    let undo = draw(host, unpack(bytes), options);
    return {
      update(next, others = options) {
        undo();
        undo = draw(host, unpack(next), others);
      },
      destroy() {
        undo();
        host.remove();
      },
    };
  };
}

/**
 * The element in which a film or control of this kind is drawn.
 * @param {HTMLElement} element
 * @param {string} kind
 */
export function hostIn(element, kind) {
  const host = make("div", { className: `ql-${kind}` });
  element.append(host);
  return host;
}

/**
 * A URL from an address that lies below the base.
 * @param {string} address
 * @param {Options} options
 */
export const locate = (address, { base = document.baseURI }) => new URL(address, base).href;

/**
 * An element with these properties and children.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Partial<HTMLElementTagNameMap[T]>} [properties]
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/**
 * The two-dimensional context of a canvas.
 * @param {HTMLCanvasElement} canvas
 * @returns {CanvasRenderingContext2D}
 */
export function brush(canvas) {
  const context = canvas.getContext("2d");
  if (!context) throw new Error("this browser cannot draw on a canvas");
  return context;
}

/**
 * A canvas filled to its size on the screen, in pixels of the screen; null where it has no size.
 * @param {HTMLCanvasElement} canvas
 * @param {number} width
 * @param {number} height
 */
export function fit(canvas, width, height) {
  if (!width || !height) return null;
  const ratio = window.devicePixelRatio || 1, context = brush(canvas);
  if (canvas.width !== Math.round(width * ratio)) canvas.width = Math.round(width * ratio);
  if (canvas.height !== Math.round(height * ratio)) canvas.height = Math.round(height * ratio);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}
