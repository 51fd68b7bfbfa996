// From the files of a sound film to samples: the rule of quantlab/audio/shipping.py, to the bit. Nothing is quantized here.
const qlPart = (payload, [start, size]) => payload.subarray(start, start + size);

// The samples that a level stands for; codes and noise as decoded, a Float32Array a channel.
function qlHeard(header, payload, level, codes, noise) {
  const { scale, shift, first, step } = level;
  const table = level.table && new Float32Array(payload.buffer, level.table[0], level.table[1] / 4);
  const low = codes.map((channel, c) => {
    const out = new Float32Array(channel.length); // storing rounds to float32
    for (let k = 0; k < out.length; k++) {
      const code = Math.round(channel[k] * 32768);
      out[k] = table ? table[code - first] : Math.fround(code * scale) + shift;
      if (step && noise) out[k] -= Math.fround(((Math.round(noise[c][k] * 32768) + 0.5) / 256) * step);
    }
    return out;
  });
  return header.factor === 1 ? low : low.map(channel => qlUp(channel, header));
}

// At `factor` times the rate: y[n] = sum over m of taps[n - factor m + 10 factor] low[m].
function qlUp(low, { factor, taps, length }) {
  const out = new Float32Array(length), half = (taps.length - 1) / 2;
  for (let n = 0; n < length; n++) {
    const last = Math.min(Math.floor((n + half) / factor), low.length - 1);
    let sum = 0;
    for (let m = Math.max(0, Math.ceil((n - half) / factor)); m <= last; m++) sum += taps[n - factor * m + half] * low[m];
    out[n] = sum;
  }
  return out;
}

const qlMinus = (heard, original) => heard.map((channel, c) => channel.map((v, k) => v - original[c][k]));

// Decodes a film's files, the levels nearest to the wanted one first; `ready(i)` is told of each.
function qlShipment(header, payload, ready) {
  const made = new Map();
  const ship = { wanted: 0, alive: true, original: null, levels: made };
  const decode = place => qlDecode(qlPart(payload, place), header.channels, header.file_rate);
  ship.done = (async () => {
    ship.original = await decode(header.original);
    const noise = header.noise && await decode(header.noise);
    while (ship.alive && made.size < header.levels.length) {
      const left = [...header.levels.keys()].filter(i => !made.has(i));
      const i = left.reduce((a, b) => Math.abs(b - ship.wanted) < Math.abs(a - ship.wanted) ? b : a);
      const codes = await decode(header.levels[i].flac);
      if (!ship.alive) return;
      made.set(i, qlHeard(header, payload, header.levels[i], codes, noise));
      ready(i);
    }
  })();
  return ship;
}
