// @ts-check
// Pictures that come by URL, each fetched and decoded once for all films of the page.

const MOST = 64; // pictures kept decoded

/** @typedef {{image: ImageData | null, bytes: number, ready: Promise<ImageData>}} Entry exact pixels, once `ready` is kept */

/** @type {Map<string, Entry>} */
const known = new Map();

/**
 * The picture at this URL; what did not arrive is asked for again when it is needed again.
 * @param {string} url
 * @returns {Entry}
 */
export function pictureAt(url) {
  const held = known.get(url);
  if (held) return held;
  const load = async () => {
    const answer = await fetch(url);
    if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
    const blob = await answer.blob();
    entry.bytes = blob.size;
    return entry.image = await pixelsOf(blob);
  };
  /** @type {Entry} */
  const entry = { image: null, bytes: 0, ready: /** @type {any} */ (null) };
  entry.ready = load().catch(error => {
    known.delete(url);
    throw error;
  });
  known.set(url, entry);
  for (const old of known.keys()) {
    if (known.size <= MOST) break;
    known.delete(old);
  }
  return entry;
}

/** @param {Blob} blob */
async function pixelsOf(blob) {
  const bitmap = await createImageBitmap(blob, { colorSpaceConversion: "none", premultiplyAlpha: "none" });
  const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("this browser cannot draw on a canvas");
  context.drawImage(bitmap, 0, 0);
  return context.getImageData(0, 0, bitmap.width, bitmap.height);
}
