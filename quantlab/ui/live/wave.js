// A waveform on a canvas: whole, as the span of each column of pixels; near, as what it is: samples, a stem each.
const QL_STEM = 5; // pixels a sample needs for its stem to stand free
const QL_COLOR = { original: "#0072B2", quantized: "#D55E00", error: "#CC79A7" };

// view: {from, to} in samples and {top}, the value at the upper edge. layers: [{samples, gain, color, alpha, line}].
// lines: values of levels to rule, if they lie far enough apart.
function qlWave(canvas, view, layers, lines, rate) {
  const dpr = window.devicePixelRatio || 1, width = canvas.clientWidth, height = canvas.clientHeight;
  if (!width) return;
  if (canvas.width !== Math.round(width * dpr)) canvas.width = Math.round(width * dpr);
  if (canvas.height !== Math.round(height * dpr)) canvas.height = Math.round(height * dpr);
  const g = canvas.getContext("2d");
  g.setTransform(dpr, 0, 0, dpr, 0, 0);
  g.clearRect(0, 0, width, height);
  const foot = 16, middle = (height - foot) / 2, ink = getComputedStyle(canvas).color;
  const y = v => middle - Math.max(-1, Math.min(1, v / view.top)) * (middle - 2);
  const x = k => ((k - view.from) / (view.to - view.from)) * width;
  qlRule(g, width, y, lines.filter(v => Math.abs(v) < view.top), middle, ink);
  for (const layer of layers) {
    g.globalAlpha = layer.alpha;
    g.strokeStyle = g.fillStyle = layer.color;
    g.lineWidth = 1.4;
    const each = width / (view.to - view.from);
    if (each < 1) qlSpans(g, layer, view, y, width);
    else if (layer.line) qlLine(g, layer, view, x, y);
    else qlStems(g, layer, view, x, y, each);
  }
  g.globalAlpha = 1;
  qlScale(g, view, width, height, rate, ink, getComputedStyle(canvas).getPropertyValue("--st-background-color"));
}

function qlRule(g, width, y, lines, middle, ink) {
  g.strokeStyle = ink;
  g.lineWidth = 1;
  g.globalAlpha = 0.25;
  g.beginPath();
  g.moveTo(0, middle);
  g.lineTo(width, middle);
  const gaps = lines.slice(1).map((v, k) => Math.abs(y(v) - y(lines[k])));
  if (Math.min(...gaps) >= 7) { // of no gap the least is infinite
    for (const v of lines) {
      g.moveTo(0, y(v));
      g.lineTo(width, y(v));
    }
  }
  g.stroke();
}

function qlSpans(g, { samples, gain }, { from, to }, y, width) {
  const step = (to - from) / width;
  g.beginPath();
  for (let px = 0; px < width; px++) {
    const end = Math.min(samples.length, Math.max(Math.ceil(from + (px + 1) * step), Math.floor(from + px * step) + 1));
    let low = Infinity, high = -Infinity;
    for (let k = Math.max(0, Math.floor(from + px * step)); k < end; k++) {
      if (samples[k] < low) low = samples[k];
      if (samples[k] > high) high = samples[k];
    }
    if (low > high) continue;
    const top = y(high * gain);
    g.rect(px, top, 1, Math.max(1, y(low * gain) - top));
  }
  g.fill();
}

function qlLine(g, { samples, gain }, { from, to }, x, y) {
  g.beginPath();
  for (let k = Math.max(0, Math.floor(from)); k < Math.min(samples.length, to + 1); k++) g.lineTo(x(k + 0.5), y(samples[k] * gain));
  g.stroke();
}

function qlStems(g, { samples, gain }, { from, to }, x, y, each) {
  const first = Math.max(0, Math.floor(from)), end = Math.min(samples.length, Math.ceil(to) + 1), { globalAlpha } = g;
  if (each < QL_STEM) g.globalAlpha *= 0.25; // where stems would be a wall, their tops show
  g.beginPath();
  for (let k = first; k < end; k++) {
    g.moveTo(x(k + 0.5), y(0));
    g.lineTo(x(k + 0.5), y(samples[k] * gain));
  }
  g.stroke();
  g.globalAlpha = globalAlpha;
  g.beginPath();
  for (let k = first; k < end; k++) {
    const px = x(k + 0.5), py = y(samples[k] * gain), r = Math.max(1, Math.min(3.5, each / 3));
    g.moveTo(px + r, py);
    g.arc(px, py, r, 0, 7);
  }
  g.fill();
}

// Times below and the value of the upper edge.
function qlScale(g, { from, to, top }, width, height, rate, ink, paper) {
  const seconds = (to - from) / rate, wish = seconds / Math.max(2, width / 130), unit = 10 ** Math.floor(Math.log10(wish));
  const step = [1, 2, 5, 10].find(m => m * unit >= wish) * unit;
  g.fillStyle = ink;
  g.globalAlpha = 0.75;
  g.font = "11px sans-serif";
  g.textAlign = "center";
  const milli = step < 0.05, digits = Math.max(0, -Math.floor(Math.log10(step * (milli ? 1000 : 1)) + 1e-9));
  for (let t = Math.ceil(from / rate / step) * step; t <= to / rate; t += step) {
    const px = ((t * rate - from) / (to - from)) * width;
    if (px > 30 && px < width - 30) g.fillText(milli ? `${(t * 1000).toFixed(digits)} ms` : `${t.toFixed(digits)} s`, px, height - 3);
  }
  g.textAlign = "left";
  const said = `±${top.toPrecision(2)}`;
  g.globalAlpha = 0.9;
  g.lineWidth = 4;
  g.strokeStyle = paper;
  g.strokeText(said, 6, 12);
  g.fillText(said, 6, 12);
  g.globalAlpha = 1;
}
