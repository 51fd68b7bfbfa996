// @ts-check
// Pictures of one size, a byte a pixel, through one palette: painting a level is a look-up a pixel.
import { join } from "../bus.js";
import { brush, film, make } from "../film.js";

export const mount = film("image", (host, { header, payload }, { level }) => {
  const { rows, cols } = header;
  /** @type {[number, number, number][]} */
  const palette = header.palette;
  const canvas = make("canvas", { role: "img", ariaLabel: header.alt, width: cols, height: rows }), scale = make("i");
  canvas.style.height = header.square ? "auto" : "";
  const css = palette.map(([r, g, b]) => `rgb(${r},${g},${b})`);
  scale.style.background = `linear-gradient(to right, ${css.filter((_, i) => i % 16 === 0 || i === 254).join(",")})`;
  host.replaceChildren(canvas, make("p", {}, make("span", { textContent: header.low }), scale, make("span", { textContent: header.high })));

  const lut = new Uint32Array(palette.map(([r, g, b]) => (255 << 24) | (b << 16) | (g << 8) | r));
  const context = brush(canvas), picture = context.createImageData(cols, rows), pixels = new Uint32Array(picture.data.buffer);
  return join(header, host, i => {
    const offset = payload.length > rows * cols ? i * rows * cols : 0; // a single picture stands still
    for (let k = 0; k < pixels.length; k++) pixels[k] = lut[payload[offset + k]];
    context.putImageData(picture, 0, 0);
  }, level);
});
