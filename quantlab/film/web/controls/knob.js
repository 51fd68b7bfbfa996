// @ts-check
// A slider's thumb without its looks: what it shows, and what its caller is told once it rests.

export class Knob {
  /** @type {string[]} */
  labels = [];
  at = 0;
  /** @type {string | null} the label of which both sides know */
  told = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #resting;

  /**
   * @param {(index: number) => void} show
   * @param {(label: string) => void} tell
   */
  constructor(show, tell) {
    this.show = show;
    this.tell = tell;
  }

  /**
   * @param {string[]} labels
   * @returns {boolean} whether these are the labels that the knob has
   */
  has(labels) {
    return labels.length === this.labels.length && labels.every((label, k) => label === this.labels[k]);
  }

  /**
   * The caller's word counts when it is news; what it says about an older level does not move a thumb that has gone on.
   * @param {string[]} labels
   * @param {number} index
   */
  hear(labels, index) {
    const known = this.has(labels) && this.told === labels[index];
    this.labels = labels;
    if (known) return;
    this.told = labels[index];
    this.move(index);
  }

  /**
   * The thumb is at this level; nothing is told while it moves.
   * @param {number} index
   */
  move(index) {
    this.stop();
    this.at = index;
    this.show(index);
  }

  /**
   * The thumb was let go: its label is told after so many milliseconds of rest, once.
   * @param {number} wait
   */
  rest(wait) {
    this.stop();
    this.#resting = setTimeout(() => {
      const label = this.labels[this.at];
      if (label === this.told) return;
      this.told = label;
      this.tell(label);
    }, wait);
  }

  /** Nothing more is told of this rest. */
  stop() {
    clearTimeout(this.#resting);
  }
}

/**
 * The labels that stand below the slider: all, or every second, third, ... where they are many.
 * @param {string[]} labels
 */
export function ticks(labels) {
  const every = Math.ceil(labels.length / 17);
  return labels.map((label, i) => i % every ? "" : label);
}
