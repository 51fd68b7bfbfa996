// @ts-check
// Plays one of several sounds of one length and switches between them without a gap: the same place, a short crossfade.
// Places are whole samples and times whole frames of a context that runs at the sound's own rate: nothing is resampled here.

const FADE = 0.012; // seconds
const AHEAD = 0.02; // seconds between a wish and its sound

/** @type {Player | null} one plays at a time */
let playing = null;

const PATIENCE = 2000; // milliseconds for a sound output to start
const SILENCE = "This browser has no sound output that works: nothing is heard. Plug in or switch on a speaker, and press play again.";

/** @typedef {{source: AudioBufferSourceNode, level: GainNode, gain: number, since: number}} Voice */

export class Player {
  playing = false;
  loop = true;
  /** @type {AudioContext | null} */
  context = null;
  #rest = 0; // the sample at which it stands while it does not play
  #start = 0; // the frame at which sample 0 would have sounded
  /** @type {Voice | null} */
  #voice = null;
  /** @type {{buffer: AudioBuffer, gain: number} | null} */
  #next = null;

  /**
   * @param {number} rate of the sound, in Hz
   * @param {number} length in samples
   * @param {() => void} changed hears when it starts and stops
   * @param {(text: string) => void} tell hears why nothing is heard, "" where all is well
   */
  constructor(rate, length, changed, tell) {
    this.rate = rate;
    this.length = length;
    this.changed = changed;
    this.tell = tell;
  }

  /** The sample that is heard now. */
  position() {
    if (!this.playing || !this.context) return this.#rest;
    return this.#fold(Math.max(0, Math.floor(this.context.currentTime * this.rate) - this.#start));
  }

  /**
   * What is to be heard from now on.
   * @param {AudioBuffer} buffer
   * @param {number} gain
   */
  sound(buffer, gain) {
    this.#next = { buffer, gain };
    if (this.playing) this.#enter(this.#soon());
  }

  async play() {
    const context = this.context ??= new AudioContext({ sampleRate: this.rate });
    await Promise.race([context.resume(), new Promise(done => setTimeout(done, PATIENCE))]);
    const silent = context.state === "suspended" || !(await anyOutput());
    this.tell(silent ? SILENCE : "");
    if (context.state !== "running" || !this.#next || this.playing) return;
    playing?.pause();
    playing = this;
    const at = this.#soon();
    this.#start = at - this.#rest;
    this.playing = true;
    this.#enter(at);
    this.changed();
  }

  pause() {
    if (!this.playing) return;
    this.#rest = this.position();
    this.playing = false;
    this.#leave(this.#soon());
    this.changed();
  }

  /** @param {number} sample */
  seek(sample) {
    this.#rest = this.#fold(Math.round(sample));
    if (!this.playing) return;
    const at = this.#soon();
    this.#start = at - this.#rest;
    this.#enter(at);
  }

  /** @param {boolean} on */
  repeat(on) {
    this.loop = on;
    if (this.#voice) this.#voice.source.loop = on;
  }

  close() {
    this.pause();
    this.context?.close();
    this.context = null;
  }

  #soon() {
    return this.context ? Math.ceil((this.context.currentTime + AHEAD) * this.rate) : 0;
  }

  /** @param {number} k */
  #fold(k) {
    return ((k % this.length) + this.length) % this.length;
  }

  /** @param {number} at the frame */
  #leave(at) {
    if (!this.#voice) return;
    const { source, level, gain, since } = this.#voice, t = at / this.rate;
    source.onended = null;
    level.gain.cancelScheduledValues(t);
    level.gain.linearRampToValueAtTime(gain * Math.min(1, Math.max(0, (t - since) / FADE)), t);
    level.gain.linearRampToValueAtTime(0, t + FADE);
    source.stop(t + FADE);
    this.#voice = null;
  }

  /** @param {number} at the frame */
  #enter(at) {
    const { context } = this;
    this.#leave(at);
    if (!context || !this.#next) return;
    const source = context.createBufferSource(), level = context.createGain(), t = at / this.rate, { buffer, gain } = this.#next;
    source.buffer = buffer;
    source.loop = this.loop;
    source.connect(level).connect(context.destination);
    level.gain.setValueAtTime(0, t);
    level.gain.linearRampToValueAtTime(gain, t + FADE);
    source.start(t, this.#fold(at - this.#start) / this.rate);
    source.onended = () => {
      this.#voice = null;
      this.playing = false;
      this.#rest = 0;
      this.changed();
    };
    this.#voice = { source, level, gain, since: t };
  }
}

/** Whether there is a sound output, as far as this browser says: those that choose outputs list them, by name or not. */
async function anyOutput() {
  if (!("setSinkId" in AudioContext.prototype) || !navigator.mediaDevices) return true;
  return (await navigator.mediaDevices.enumerateDevices()).some(device => device.kind === "audiooutput");
}

/**
 * A buffer of these channels.
 * @param {Float32Array<ArrayBuffer>[]} channels
 * @param {number} rate
 */
export function bufferOf(channels, rate) {
  const buffer = new AudioBuffer({ length: channels[0].length, numberOfChannels: channels.length, sampleRate: rate });
  channels.forEach((samples, c) => buffer.copyToChannel(samples, c));
  return buffer;
}

/**
 * The samples of a file, in a context of the file's own rate, so that nothing is resampled.
 * @param {Uint8Array} bytes
 * @param {number} channels
 * @param {number} rate
 */
export async function decode(bytes, channels, rate) {
  const buffer = await new OfflineAudioContext(channels, 1, rate).decodeAudioData(new Uint8Array(bytes).buffer);
  return Array.from({ length: channels }, (_, c) => buffer.getChannelData(c));
}
