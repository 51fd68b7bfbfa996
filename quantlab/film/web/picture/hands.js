// @ts-check
// What mouse, fingers and keys do with the wipe.
import { point, probeOf } from "../probe.js";

const NEAR = { touch: 28, other: 12 }; // pixels from the divider at which it is taken
const CLICK = 5; // pixels of way below which it was a click, no drag

/** @typedef {[number, number]} Point of the stage, in pixels */

/**
 * @param {object} how
 * @param {import("./stage.js").Stage} how.stage
 * @param {import("../films/wipe.js").Look} how.kept
 * @param {string} how.group
 * @param {() => void} how.look after a change of place or divider
 * @returns {() => void} the keys of the page are let go
 */
export function hands({ stage: { box, divider }, kept, group, look }) {
  const { place } = kept;
  /** @type {(event: MouseEvent) => Point} */
  const local = event => {
    const { left, top } = box.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  };
  const move = (/** @type {number} */ share) => {
    kept.at = Math.min(1, Math.max(0, share));
    look();
  };

  /** @type {Map<number, Point>} */
  const pointers = new Map();
  /** @type {"pinch" | "divider" | "picture" | null} */
  let drags = null;
  let pinch = 0, way = 0; // distance of two fingers; how far the finger went since it came down
  const spread = () => {
    const [[a, b], [c, d]] = pointers.values();
    return { distance: Math.hypot(a - c, b - d), x: (a + c) / 2, y: (b + d) / 2 };
  };
  box.onpointerdown = event => {
    pointers.set(event.pointerId, local(event));
    box.setPointerCapture(event.pointerId);
    const near = Math.abs(local(event)[0] - kept.at * place.W) < (event.pointerType === "touch" ? NEAR.touch : NEAR.other);
    way = 0;
    drags = pointers.size > 1 ? "pinch" : near || !place.movable ? "divider" : "picture";
    if (drags === "pinch") pinch = spread().distance;
    if (drags === "divider") {
      divider.focus({ preventScroll: true });
      move(local(event)[0] / place.W);
    }
    event.preventDefault();
  };
  box.onpointermove = event => {
    const [x, y] = local(event), row = Math.floor(place.toPicture(x, y)[1]), before = pointers.get(event.pointerId);
    if (row >= 0 && row < place.height && drags !== "pinch") {
      point(group, { row });
      if (!drags) look();
    }
    if (!before) return;
    const [px, py] = before;
    pointers.set(event.pointerId, [x, y]);
    if (drags === "divider") move(x / place.W);
    way += Math.abs(x - px) + Math.abs(y - py);
    if (drags === "picture") {
      place.pan(x - px, y - py);
      look();
    }
    if (drags === "pinch" && pointers.size === 2) {
      const now = spread();
      place.zoom(place.scale * now.distance / pinch, now.x, now.y);
      pinch = now.distance;
      look();
    }
  };
  const release = (/** @type {PointerEvent} */ event) => {
    pointers.delete(event.pointerId);
    drags = null;
  };
  box.onpointerup = event => {
    if (drags === "picture" && way < CLICK) move(local(event)[0] / place.W);
    release(event);
  };
  box.onpointercancel = release;
  box.onwheel = event => { // a page must scroll under the wheel: zoom with Ctrl (which is what a pinch sends), or once it has focus
    if (!event.ctrlKey && !event.metaKey && document.activeElement !== divider) return;
    event.preventDefault();
    place.zoom(place.scale * 2 ** (-event.deltaY / (event.ctrlKey ? 100 : 300)), ...local(event));
    look();
  };

  /** @type {Record<string, number>} only the left picture, both, only the right one */
  const jump = { 1: 1, 2: 0.5, 3: 0 };
  const keys = new AbortController();
  document.addEventListener("keydown", event => {
    const typing = event.target instanceof Element && event.target.closest("input:not([type=range]), textarea, select, [contenteditable=true]");
    if (!typing && !event.ctrlKey && !event.metaKey && !event.altKey && event.key in jump) move(jump[event.key]);
  }, { signal: keys.signal });
  divider.onkeydown = event => {
    const step = event.shiftKey ? 0.1 : 0.02, rows = event.shiftKey ? 10 : 1, row = probeOf(group).row ?? 0;
    /** @type {Record<string, () => void>} */
    const acts = {
      ArrowLeft: () => move(kept.at - step),
      ArrowRight: () => move(kept.at + step),
      Home: () => move(0),
      End: () => move(1),
      ArrowUp: () => point(group, { row: Math.max(0, row - rows) }),
      ArrowDown: () => point(group, { row: Math.min(place.height - 1, row + rows) }),
      "+": () => place.zoom(place.scale * 2),
      "-": () => place.zoom(place.scale / 2),
      0: () => place.fit(),
    };
    const act = acts[event.key];
    if (!act || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    act();
    look();
  };
  return () => keys.abort();
}
