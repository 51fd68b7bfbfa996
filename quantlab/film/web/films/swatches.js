// @ts-check
// The colours that occur at a level, dark to light, each a tile; too many are only counted.
import { join } from "../bus.js";
import { film, fit, make } from "../film.js";

export const mount = film("swatches", (host, { header, payload }, { level }) => {
  const text = make("p"), canvas = make("canvas", { role: "img", ariaLabel: header.alt });
  host.replaceChildren(text, canvas);
  return join(header, host, i => {
    const [offset, count] = header.places[i];
    text.textContent = count ? header.texts[i] : `${header.texts[i]}, too many to show`;
    const columns = Math.min(32, Math.max(1, count)), rows = Math.max(1, Math.ceil(count / columns));
    const size = Math.max(8, Math.min(32, Math.floor(512 / columns)));
    const width = columns * size, height = count ? rows * size : 1, context = fit(canvas, width, height);
    canvas.style.width = `${width}px`;
    canvas.style.aspectRatio = `${width} / ${height}`;
    if (!context) return;
    for (let k = 0; k < count; k++) {
      const [r, g, b] = payload.subarray(offset + 3 * k, offset + 3 * k + 3);
      context.fillStyle = `rgb(${r},${g},${b})`;
      context.fillRect((k % columns) * size, Math.floor(k / columns) * size, size - 1, size - 1);
    }
  }, level);
});
