// One row of pixels before and after, as luma along the columns in sight; and their mean over nine pixels, which dither keeps.
export default function ({ data, parentElement }) {
  const { header, payload } = qlUnpack(data);
  const { group, width, height } = header;
  const host = qlHost(parentElement, "ql-row");
  host.dataset.film = "row";
  if (!host.firstChild) host.innerHTML = '<canvas role="img"></canvas>';
  const canvas = host.firstChild, context = canvas.getContext("2d"), probe = qlProbe(group);
  canvas.setAttribute("aria-label", "The row of pixels under the pointer, before and after quantization");
  const again = failed => failed || qlAgain(group, host);
  const original = qlSide({ url: header.original }, header.original, payload, again);
  const quantized = qlSide(header.sides.quantized, header.original, payload, again);
  let level = -1;

  const luma = (image, y, from, to) => {
    const out = new Float32Array(to - from);
    for (let x = from; x < to; x++) {
      const k = 4 * (y * image.width + x);
      out[x - from] = 0.299 * image.data[k] + 0.587 * image.data[k + 1] + 0.114 * image.data[k + 2];
    }
    return out;
  };
  const smooth = values => values.map((_, i) => {
    const some = values.subarray(Math.max(0, i - 4), i + 5);
    return some.reduce((a, b) => a + b, 0) / some.length;
  });

  const draw = () => {
    const images = [original.at(level), quantized.at(level)];
    if (!images[0] || !images[1]) return false;
    const ratio = window.devicePixelRatio || 1, W = host.clientWidth, H = host.clientHeight;
    if (!W) return true;
    canvas.width = Math.round(W * ratio);
    canvas.height = Math.round(H * ratio);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const ink = getComputedStyle(host).color, box = { l: 52, r: 12, t: 26, b: 38 };
    const y = Math.min(probe.row ?? 0, height - 1), from = Math.min(probe.from, width - 2), to = Math.max(from + 2, Math.min(probe.to, width));
    const X = x => box.l + (x - from) / (to - from) * (W - box.l - box.r), Y = v => H - box.b - v / 255 * (H - box.t - box.b);
    context.font = `12px ${getComputedStyle(host).fontFamily}`;
    context.fillStyle = ink;
    for (const v of [0, 64, 128, 192, 255]) {
      context.globalAlpha = 0.22;
      context.fillRect(box.l, Math.round(Y(v)), W - box.l - box.r, 1);
      context.globalAlpha = 1;
      context.textAlign = "right";
      context.fillText(v, box.l - 6, Y(v) + 4);
    }
    context.textAlign = "center";
    const step = [1, 2, 5, 10, 20, 50, 100, 200].find(s => (to - from) / s <= 8) ?? 500;
    for (let x = Math.ceil(from / step) * step; x < to; x += step) context.fillText(x, X(x + 0.5), H - 20);
    context.fillText(`column of pixels, in row ${y}`, (box.l + W - box.r) / 2, H - 4);
    const lines = [["quantized", luma(images[1], y, from, to), "#D55E00", 1.3, []], ["original", luma(images[0], y, from, to), "#0072B2", 2, []]];
    lines.push(["mean of 9 quantized", smooth(lines[0][1]), ink, 1.6, [5, 3]]);
    context.textAlign = "left";
    let at = box.l;
    for (const [name, values, color, thick, dash] of lines) {
      context.strokeStyle = color;
      context.lineWidth = thick;
      context.setLineDash(dash);
      context.beginPath();
      const stepped = !dash.length && to - from < 150; // pixels are seen as pixels when there is room
      values.forEach((v, i) => {
        context.lineTo(X(from + i + (stepped ? 0 : 0.5)), Y(v));
        if (stepped) context.lineTo(X(from + i + 1), Y(v));
      });
      context.stroke();
      context.beginPath();
      context.moveTo(at, 12);
      context.lineTo(at + 22, 12);
      context.stroke();
      context.setLineDash([]);
      context.fillText(name, at + 27, 16);
      at += 36 + context.measureText(name).width;
    }
    host.dataset.row = y;
    return true;
  };
  const hear = () => { if (level >= 0) draw(); };
  probe.hear.add(hear);
  const leave = qlJoin(header, host, i => { level = i; return draw(); });
  const watch = new ResizeObserver(hear);
  watch.observe(host);
  return () => {
    probe.hear.delete(hear);
    watch.disconnect();
    leave();
  };
}
