// Pictures of one size, a byte a pixel, through one palette: painting a level is a look-up a pixel.
export default function ({ data, parentElement }) {
  const { header, payload } = qlUnpack(data);
  const { rows, cols, palette } = header;
  const host = qlHost(parentElement, "ql-image");
  host.dataset.film = "image";
  if (!host.firstChild) host.innerHTML = '<canvas role="img"></canvas><p><span></span><i></i><span></span></p>';
  const canvas = host.querySelector("canvas");
  canvas.width = cols;
  canvas.height = rows;
  canvas.style.height = header.square ? "auto" : "";
  canvas.setAttribute("aria-label", header.alt);
  const [low, high] = host.querySelectorAll("span");
  low.textContent = header.low;
  high.textContent = header.high;
  const css = palette.map(([r, g, b]) => `rgb(${r},${g},${b})`);
  host.querySelector("i").style.background = `linear-gradient(to right, ${css.filter((_, i) => i % 16 === 0 || i === 254).join(",")})`;
  const lut = new Uint32Array(palette.map(([r, g, b]) => (255 << 24) | (b << 16) | (g << 8) | r));
  const context = canvas.getContext("2d");
  const picture = context.createImageData(cols, rows);
  const pixels = new Uint32Array(picture.data.buffer);
  return qlJoin(header, host, i => {
    const offset = payload.length > rows * cols ? i * rows * cols : 0; // a single picture stands still
    for (let k = 0; k < pixels.length; k++) pixels[k] = lut[payload[offset + k]];
    context.putImageData(picture, 0, 0);
  });
}
