// @ts-check
// How a picture lies on a stage: scale in screen pixels a pixel of the picture, and where its left upper corner is.
const MOST = 32; // screen pixels a pixel

export class Place {
  W = 0;
  H = 0;
  scale = 0;
  x = 0;
  y = 0;
  fitted = true;

  /**
   * @param {number} width of the picture
   * @param {number} height
   */
  constructor(width, height) {
    this.width = width;
    this.height = height;
  }

  get whole() { return Math.min(this.W / this.width, this.H / this.height); }

  /**
   * A stage of another size: what was chosen stays, in the middle what was there.
   * @param {number} W
   * @param {number} H
   */
  resize(W, H) {
    const first = !this.W, middle = this.toPicture(this.W / 2, this.H / 2);
    Object.assign(this, { W, H });
    if (first) this.start();
    else if (this.fitted) this.fit();
    else this.place(middle, this.scale);
  }

  // Pixel for pixel where nearly all of the picture can be seen so, small pictures in whole steps; else all of it.
  // What does not fit is cut off at the foot rather than at the head.
  start() {
    const whole = this.whole;
    if (whole < 0.7) return this.fit();
    this.fitted = false;
    this.place([this.width / 2, this.height / 2], Math.max(1, Math.floor(whole)));
    this.y = Math.round(this.y * 0.4);
    this.clamp();
  }

  fit() {
    this.place([this.width / 2, this.height / 2], this.whole);
    this.fitted = true;
  }

  /**
   * The picture's point (u, v) in the middle of the stage.
   * @param {[number, number]} point
   * @param {number} scale
   */
  place([u, v], scale) {
    this.scale = this.#bounded(scale);
    this.x = this.W / 2 - u * this.scale;
    this.y = this.H / 2 - v * this.scale;
    this.clamp();
  }

  /**
   * To a scale, with the picture's point under (px, py) staying there.
   * @param {number} scale
   * @param {number} [px]
   * @param {number} [py]
   */
  zoom(scale, px = this.W / 2, py = this.H / 2) {
    const [u, v] = this.toPicture(px, py);
    this.fitted = false;
    this.scale = this.#bounded(scale);
    this.x = px - u * this.scale;
    this.y = py - v * this.scale;
    this.clamp();
  }

  /** @param {number} dx @param {number} dy */
  pan(dx, dy) {
    this.x += dx;
    this.y += dy;
    this.clamp();
  }

  /** @param {number} scale */
  #bounded(scale) {
    return Math.min(Math.max(scale, Math.min(this.whole, 1)), MOST);
  }

  clamp() {
    const inside = (/** @type {number} */ at, /** @type {number} */ size, /** @type {number} */ room) => size <= room ? (room - size) / 2 : Math.min(0, Math.max(room - size, at));
    this.x = Math.round(inside(this.x, this.width * this.scale, this.W));
    this.y = Math.round(inside(this.y, this.height * this.scale, this.H));
  }

  get movable() { return this.width * this.scale > this.W + 1 || this.height * this.scale > this.H + 1; }

  /**
   * The picture's point under a point of the stage.
   * @param {number} px
   * @param {number} py
   * @returns {[number, number]}
   */
  toPicture(px, py) { return [(px - this.x) / this.scale, (py - this.y) / this.scale]; }

  /** The columns of the picture that are in sight. */
  columns() {
    const [from] = this.toPicture(0, 0), [to] = this.toPicture(this.W, 0);
    return { from: Math.max(0, Math.floor(from)), to: Math.min(this.width, Math.ceil(to)) };
  }
}
