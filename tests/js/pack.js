// @ts-check

/** A film as quantlab.film.pack makes it. @param {object} header @param {Uint8Array} payload */
export function pack(header, payload) {
  let text = JSON.stringify(header);
  text += " ".repeat((4 - new TextEncoder().encode(text).length % 4) % 4);
  const head = new TextEncoder().encode(text), film = new Uint8Array(4 + head.length + payload.length);
  new DataView(film.buffer).setUint32(0, head.length, true);
  film.set(head, 4);
  film.set(payload, 4 + head.length);
  return film;
}
