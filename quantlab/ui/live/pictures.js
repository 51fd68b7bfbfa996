// Pictures that come by URL: each is fetched and decoded once for all films of the page, the level under the thumb first,
// then its neighbours outwards while the page has fetched less than a few megabytes; the rest when it is asked for.
const qlPictures = (window.__quantlab.pictures ??= { known: new Map(), bytes: 0 });
const QL_MOST = 64, QL_AHEAD = 3.2e6; // pictures kept decoded; bytes fetched unasked for one state

// The pixels of a picture, exact: an ImageData in known[url].image once its promise is kept.
function qlPixels(url) {
  const { known } = qlPictures;
  let entry = known.get(url);
  if (entry) return entry;
  entry = { image: null };
  entry.ready = fetch(url).then(async answer => {
    if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
    const blob = await answer.blob();
    entry.bytes = blob.size;
    const bitmap = await createImageBitmap(blob, { colorSpaceConversion: "none", premultiplyAlpha: "none" });
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.drawImage(bitmap, 0, 0);
    entry.image = context.getImageData(0, 0, bitmap.width, bitmap.height);
    return entry.image;
  }).catch(error => { // gone from the server, or no network: asked for again when it is needed again
    known.delete(url);
    throw error;
  });
  known.set(url, entry);
  for (const old of known.keys()) {
    if (known.size <= QL_MOST) break;
    known.delete(old);
  }
  return entry;
}

// One side of a comparison at every level: pictures by URL, or the original's bytes through tables.
function qlSide(side, original, payload, again) {
  const pending = url => {
    const entry = qlPixels(url);
    if (!entry.image) entry.ready.then(() => again(false), () => again(true));
    return entry.image;
  };
  if (side.url) return { at: () => pending(side.url), ahead() {} };
  if (side.urls) {
    let turn = 0;
    return {
      at: i => pending(side.urls[i]),
      ahead(i) { // neighbours first, a few at a time, until a newer call takes over
        const mine = ++turn, order = side.urls.map((_, k) => k).sort((a, b) => Math.abs(a - i) - Math.abs(b - i));
        let next = 0, spent = 0;
        const work = async () => {
          while (mine === turn && next < order.length && spent < QL_AHEAD) {
            const entry = qlPixels(side.urls[order[next++]]);
            await entry.ready.catch(() => 0);
            spent += entry.bytes ?? 0;
          }
        };
        for (let k = 0; k < 3; k++) work();
      },
    };
  }
  let made = null, level = -1;
  return {
    at(i) {
      const from = pending(original);
      if (!from) return null;
      if (i !== level || made.width !== from.width) {
        made ??= new ImageData(from.width, from.height);
        qlThrough(from.data, payload, side, i, made.data);
        level = i;
      }
      return made;
    },
    ahead() {},
  };
}

function qlThrough(from, payload, { offset, channels }, level, to) {
  const table = payload.subarray(offset + level * 256 * channels, offset + (level + 1) * 256 * channels);
  const [g, b] = channels === 3 ? [1, 2] : [0, 0];
  for (let k = 0; k < to.length; k += 4) {
    to[k] = table[from[k] * channels];
    to[k + 1] = table[from[k + 1] * channels + g];
    to[k + 2] = table[from[k + 2] * channels + b];
    to[k + 3] = 255;
  }
}

// Which part of the picture is looked at: the wipe says it, the films beside it follow. { row, from, to } in pixels.
function qlProbe(name) {
  return (qlGroup(name).probe ??= { row: null, from: 0, to: 1, hear: new Set() });
}

function qlPoint(name, change) {
  const probe = Object.assign(qlProbe(name), change);
  for (const hear of probe.hear) hear(probe);
}

// The film at this host is painted again at the level that is announced: a picture it waited for is here.
function qlAgain(name, host) {
  const group = qlGroup(name);
  group.films.get(host)?.(group.level);
}
