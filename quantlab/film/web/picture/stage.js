// @ts-check
// The parts of the wipe: bar of buttons, stage with canvas, divider and two chips, and what to say where a picture is missing.
import { make } from "../film.js";

const HOW = "Drag; 1, 2, 3: left, half, right. Ctrl and wheel, pinch, or + and − zoom; drag moves what is larger than the frame.";
const MISSING = "This picture did not arrive. Reload the page to have it made again.";

const MOMENT = 600; // milliseconds

export class Stage {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  waiting;

  /** @param {HTMLElement} host */
  constructor(host) {
    this.host = host;
    this.views = make("div", { className: "ql-wipe-views", role: "group", ariaLabel: "What is compared" });
    this.select = make("select", { ariaLabel: "How much the error is amplified" });
    this.gain = make("label", { className: "ql-wipe-gain", hidden: true }, this.select);
    this.scale = make("output", { className: "ql-wipe-scale" });
    this.zooms = make("div", { className: "ql-wipe-zooms", role: "group", ariaLabel: "Zoom" }, this.scale);
    this.canvas = make("canvas", { className: "ql-wipe-canvas", role: "img" });
    this.chips = [make("span"), make("span")];
    this.divider = make("div", { className: "ql-wipe-divider", role: "slider", tabIndex: 0, title: HOW, ariaLabel: "Divider between left and right picture", ariaValueMin: "0", ariaValueMax: "100" });
    this.problem = make("p", { className: "ql-wipe-problem", role: "alert", hidden: true, textContent: MISSING });
    this.coming = make("p", { className: "ql-wipe-problem", role: "status", hidden: true });
    this.box = make("div", { className: "ql-wipe-stage" }, this.canvas, ...this.chips, this.divider, this.coming, this.problem);
    host.append(make("div", { className: "ql-wipe-bar" }, this.views, this.gain, make("i"), this.zooms), this.box);
  }

  /**
   * Says that a picture is on its way if it is not here after a moment; "" where it is.
   * @param {string} what
   */
  wait(what) {
    clearTimeout(this.waiting);
    this.coming.hidden = true;
    if (!what) return;
    this.waiting = setTimeout(() => {
      this.coming.textContent = `${what} is on its way …`;
      this.coming.hidden = !this.problem.hidden;
    }, MOMENT);
  }

  /**
   * Divider, chips and scale as they are.
   * @param {import("../films/wipe.js").Look} kept
   */
  show({ at, view, place }) {
    this.divider.style.left = `${at * 100}%`;
    this.divider.setAttribute("aria-valuenow", String(Math.round(at * 100)));
    this.chips[0].hidden = at < 0.06;
    this.chips[1].hidden = at > 0.94;
    this.box.style.touchAction = place.movable ? "none" : "pan-y";
    this.scale.textContent = `${Math.round(place.scale * 100)} %`;
    Object.assign(this.host.dataset, { scale: place.scale.toFixed(3), at: at.toFixed(3), view });
  }
}
