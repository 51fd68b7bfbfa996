// @ts-check
// Pictures of one size, a byte a pixel, through one palette: painting a level is a look-up a pixel.
// Where rows and columns have names, those of the rows stand beside it while they are few, and a pixel under the pointer says its own.
import { join } from "../bus.js";
import { brush, film, make } from "../film.js";

const FEW = 24; // rows whose names have room beside the picture
const HOW = "Point at a field to read it.";

export const mount = film("image", (host, { header, payload }, { level }) => {
  const { rows, cols } = header;
  /** @type {[number, number, number][]} */
  const palette = header.palette;
  const canvas = make("canvas", { role: "img", ariaLabel: header.alt, width: cols, height: rows }), scale = make("i");
  canvas.style.height = header.square ? "auto" : "";
  const css = palette.map(([r, g, b]) => `rgb(${r},${g},${b})`);
  scale.style.background = `linear-gradient(to right, ${css.filter((_, i) => i % 16 === 0 && !(header.says && i < 128) || i === 254).join(",")})`;
  host.replaceChildren(canvas, make("p", {}, make("span", { textContent: header.low }), scale, make("span", { textContent: header.high })));

  const lut = new Uint32Array(palette.map(([r, g, b]) => (255 << 24) | (b << 16) | (g << 8) | r));
  const context = brush(canvas), picture = context.createImageData(cols, rows), pixels = new Uint32Array(picture.data.buffer);
  let offset = 0;
  const told = header.names ? named(host, canvas, header, (/** @type {number} */ k) => payload[offset + k]) : () => {};
  return join(header, host, i => {
    offset = payload.length > rows * cols ? i * rows * cols : 0; // a single picture stands still
    for (let k = 0; k < pixels.length; k++) pixels[k] = lut[payload[offset + k]];
    context.putImageData(picture, 0, 0);
    told();
  }, level);
});

/**
 * Names of rows beside the picture, and a line that reads the field under the pointer; returns what reads it again.
 * @param {HTMLElement} host
 * @param {HTMLCanvasElement} canvas
 * @param {import("../film.js").Header} header
 * @param {(k: number) => number} share of field k, 254 for all; what it says is in the header where it is no share
 */
function named(host, canvas, { names: [rows, columns], cols, says }, share) {
  const read = make("p", { className: "ql-read", textContent: HOW }), box = make("div", { className: "ql-named" });
  canvas.replaceWith(box);
  if (rows.length > FEW) box.dataset.many = "";
  else box.append(make("div", {}, ...rows.map((/** @type {string} */ textContent) => make("span", { textContent }))));
  box.append(canvas);
  host.append(read);
  /** @type {[number, number] | null} */
  let at = null;
  const tell = () => {
    const column = at && columns[at[1]], value = at ? share(at[0] * cols + at[1]) : 0;
    const text = !says ? `${Math.round(value / 2.54)} %` : `${Math.round((value & 127) / 127 * says.most)} ${says.unit}${value < 128 ? `, ${says.lower}` : ""}`;
    read.textContent = at && column ? `${rows[at[0]]} ${says ? says.between : "taken for"} ${column}: ${text}` : HOW;
  };
  canvas.onpointermove = canvas.onpointerdown = event => {
    const { left, top, width, height } = canvas.getBoundingClientRect(), inside = (/** @type {number} */ x, /** @type {number} */ n) => Math.min(n - 1, Math.max(0, Math.floor(x * n)));
    at = [inside((event.clientY - top) / height, rows.length), inside((event.clientX - left) / width, cols)];
    tell();
  };
  return tell;
}
