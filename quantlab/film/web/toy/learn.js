// @ts-check
// The toy network that learns in the browser: the one place where JavaScript computes what Python does elsewhere. It takes the
// steps of `quantlab/networks/toy.py`, formula by formula, from the weights and the steps that Python ships; a test runs both
// and compares every number. Matrices are rows one after another.

/** @typedef {{weights: Float64Array[], biases: Float64Array[], steps: number[]}} Net weights: (out, in) of each layer; steps: empty in float */
/** @typedef {{xy: Float64Array, side: Float64Array}} Points xy: (N, 2); side: 0 or 1 */
/** @typedef {{rate: number, mean: number, square: number, tiny: number, leastStep: number}} Adam */

/**
 * To the nearest whole number, ties to the even one, as numpy's rint.
 * @param {number} x
 */
export function rint(x) {
  const low = Math.floor(x), rest = x - low;
  return rest < 0.5 || (rest === 0.5 && low % 2 === 0) ? low : low + 1;
}

/** The largest code. @param {number} bits */
export const topCode = bits => 2 ** (bits - 1) - 1;

/** @param {number} x @param {number} q */
const clip = (x, q) => Math.max(-q, Math.min(q, x));

/**
 * The values that the forward pass sees.
 * @param {Float64Array} w @param {number} step @param {number} bits
 */
export const rounded = (w, step, bits) => w.map(x => step * clip(rint(x / step), topCode(bits)));

/**
 * Logits of all points, what flows into each layer, and the weights as they are used. bits null: float.
 * @param {Net} net @param {Float64Array} xy @param {number | null} bits
 */
export function forward(net, xy, bits) {
  const count = xy.length / 2, used = net.weights.map((w, i) => bits === null ? w : rounded(w, net.steps[i], bits));
  /** @type {Float64Array[]} */
  const inputs = [];
  let h = xy;
  used.forEach((w, i) => {
    const out = net.biases[i].length, width = w.length / out, z = new Float64Array(count * out), last = i === used.length - 1;
    for (let n = 0; n < count; n++) {
      for (let o = 0; o < out; o++) {
        let sum = 0;
        for (let k = 0; k < width; k++) sum += h[n * width + k] * w[o * width + k];
        sum += net.biases[i][o];
        z[n * out + o] = last ? sum : Math.max(sum, 0);
      }
    }
    inputs.push(h);
    h = z;
  });
  return { logits: h, inputs, used };
}

/**
 * The loss and its gradients: of weights, biases and steps, in this order.
 * @param {Net} net @param {Points} points @param {number | null} bits
 */
export function gradients(net, points, bits) {
  const { logits, inputs, used } = forward(net, points.xy, bits), count = points.side.length, layers = used.length;
  let loss = 0, back = new Float64Array(count);
  logits.forEach((z, n) => {
    loss += (Math.max(z, 0) - points.side[n] * z + Math.log1p(Math.exp(-Math.abs(z)))) / count;
    back[n] = (1 / (1 + Math.exp(-z)) - points.side[n]) / count;
  });
  /** @type {Float64Array[]} */
  const ofWeights = [], ofBiases = [], ofSteps = [];
  for (let i = layers - 1; i >= 0; i--) {
    const out = net.biases[i].length, width = used[i].length / out, into = new Float64Array(used[i].length), before = new Float64Array(count * width), bias = new Float64Array(out);
    for (let n = 0; n < count; n++) {
      for (let o = 0; o < out; o++) {
        const g = back[n * out + o];
        bias[o] += g;
        for (let k = 0; k < width; k++) {
          const x = inputs[i][n * width + k];
          into[o * width + k] += g * x;
          if (x > 0) before[n * width + k] += g * used[i][o * width + k];
        }
      }
    }
    ofBiases.unshift(bias);
    back = before;
    if (bits === null) {
      ofWeights.unshift(into);
      continue;
    }
    const q = topCode(bits), s = net.steps[i];
    let ofStep = 0;
    net.weights[i].forEach((w, k) => {
      const code = rint(w / s), inside = Math.abs(code) <= q;
      ofStep += into[k] * (inside ? code - w / s : clip(code, q));
      if (!inside) into[k] = 0;
    });
    ofWeights.unshift(into);
    ofSteps.unshift(Float64Array.of(ofStep / Math.sqrt(into.length * q)));
  }
  return { loss, slopes: [...ofWeights, ...ofBiases, ...ofSteps] };
}

/**
 * A network that learns, one step of Adam after another.
 * @param {Net} start is not changed
 * @param {Points} points @param {number | null} bits @param {Adam} adam
 */
export function learner(start, points, bits, adam) {
  const layers = start.weights.length;
  const arrays = [...start.weights, ...start.biases, ...start.steps.map(s => Float64Array.of(s))].map(a => a.slice());
  const first = arrays.map(a => new Float64Array(a.length)), second = arrays.map(a => new Float64Array(a.length));
  let done = 0;
  const net = () => ({ weights: arrays.slice(0, layers), biases: arrays.slice(layers, 2 * layers), steps: arrays.slice(2 * layers).map(a => a[0]) });
  return {
    net,
    get done() { return done; },
    step() {
      const { loss, slopes } = gradients(net(), points, bits);
      done++;
      const mean = 1 - adam.mean ** done, square = 1 - adam.square ** done;
      arrays.forEach((a, i) => {
        const m = first[i], v = second[i], slope = slopes[i];
        for (let k = 0; k < a.length; k++) {
          m[k] += (1 - adam.mean) * (slope[k] - m[k]);
          v[k] += (1 - adam.square) * (slope[k] * slope[k] - v[k]);
          a[k] -= adam.rate * (m[k] / mean) / (Math.sqrt(v[k] / square) + adam.tiny);
        }
        if (i >= 2 * layers) a[0] = Math.max(a[0], adam.leastStep);
      });
      return loss;
    },
  };
}

/**
 * The share of points on their side of the border.
 * @param {Net} net @param {Points} points @param {number | null} bits
 */
export function shareRight(net, points, bits) {
  const { logits } = forward(net, points.xy, bits);
  return logits.reduce((sum, z, n) => sum + Number(z > 0 === (points.side[n] === 1)), 0) / logits.length;
}
