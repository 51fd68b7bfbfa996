// How a picture lies on a stage: scale in screen pixels a pixel of the picture, and where its left upper corner is.
class QlView {
  constructor(width, height) { // of the picture
    Object.assign(this, { width, height, W: 0, H: 0, scale: 0, x: 0, y: 0, fitted: true });
  }

  get whole() { return Math.min(this.W / this.width, this.H / this.height); }

  // A stage of another size: what was chosen stays, in the middle what was there.
  resize(W, H) {
    const first = !this.W, middle = first ? null : this.toPicture(this.W / 2, this.H / 2);
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

  place([u, v], scale) {
    this.scale = Math.min(Math.max(scale, Math.min(this.whole, 1)), 32);
    this.x = this.W / 2 - u * this.scale;
    this.y = this.H / 2 - v * this.scale;
    this.clamp();
  }

  // To a scale, with the picture's point under (px, py) staying there.
  zoom(scale, px = this.W / 2, py = this.H / 2) {
    const [u, v] = this.toPicture(px, py);
    this.fitted = false;
    this.scale = Math.min(Math.max(scale, Math.min(this.whole, 1)), 32);
    this.x = px - u * this.scale;
    this.y = py - v * this.scale;
    this.clamp();
  }

  pan(dx, dy) {
    this.x += dx;
    this.y += dy;
    this.clamp();
  }

  clamp() {
    const inside = (at, size, room) => size <= room ? (room - size) / 2 : Math.min(0, Math.max(room - size, at));
    this.x = Math.round(inside(this.x, this.width * this.scale, this.W));
    this.y = Math.round(inside(this.y, this.height * this.scale, this.H));
  }

  get movable() { return this.width * this.scale > this.W + 1 || this.height * this.scale > this.H + 1; }

  toPicture(px, py) { return [(px - this.x) / this.scale, (py - this.y) / this.scale]; }
}
