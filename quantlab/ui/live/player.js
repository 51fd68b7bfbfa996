// Plays one of several sounds of one length and switches between them without a gap: the same place, a short crossfade.
// Places are whole samples and times whole frames of a context that runs at the sound's own rate: nothing is resampled here.
const QL_FADE = 0.012; // seconds
const QL_AHEAD = 0.02; // seconds between a wish and its sound

function qlPlayer(rate, length, changed) {
  const p = { playing: false, loop: true, context: null, rest: 0 };
  let voice = null, next = null, start = 0; // start: the frame at which sample 0 would have sounded
  const soon = () => Math.ceil((p.context.currentTime + QL_AHEAD) * rate);
  const fold = k => ((k % length) + length) % length;

  const leave = at => {
    if (!voice) return;
    const { source, level, gain, since } = voice, t = at / rate;
    source.onended = null;
    level.gain.cancelScheduledValues(t);
    level.gain.linearRampToValueAtTime(gain * Math.min(1, Math.max(0, (t - since) / QL_FADE)), t);
    level.gain.linearRampToValueAtTime(0, t + QL_FADE);
    source.stop(t + QL_FADE);
    voice = null;
  };
  const enter = at => {
    leave(at);
    const source = p.context.createBufferSource(), level = p.context.createGain(), t = at / rate;
    source.buffer = next.buffer;
    source.loop = p.loop;
    source.connect(level).connect(p.context.destination);
    level.gain.setValueAtTime(0, t);
    level.gain.linearRampToValueAtTime(next.gain, t + QL_FADE);
    source.start(t, fold(at - start) / rate);
    source.onended = () => { voice = null; p.playing = false; p.rest = 0; changed(); };
    voice = { source, level, gain: next.gain, since: t };
  };

  p.position = () => p.playing ? fold(Math.max(0, Math.floor(p.context.currentTime * rate) - start)) : p.rest;
  p.sound = (buffer, gain) => { // what is to be heard from now on
    next = { buffer, gain };
    if (p.playing) enter(soon());
  };
  p.play = async () => {
    p.context ??= new AudioContext({ sampleRate: rate });
    await p.context.resume();
    if (!next || p.playing) return;
    window.__quantlab.player?.pause(); // one at a time
    window.__quantlab.player = p;
    const at = soon();
    start = at - p.rest;
    p.playing = true;
    enter(at);
    changed();
  };
  p.pause = () => {
    if (!p.playing) return;
    p.rest = p.position();
    p.playing = false;
    leave(soon());
    changed();
  };
  p.seek = k => {
    p.rest = fold(Math.round(k));
    if (!p.playing) return;
    const at = soon();
    start = at - p.rest;
    enter(at);
  };
  p.repeat = on => {
    p.loop = on;
    if (voice) voice.source.loop = on;
  };
  p.close = () => {
    p.pause();
    p.context?.close();
    p.context = null;
  };
  return p;
}

// A buffer of these channels, Float32Array each.
function qlBuffer(channels, rate) {
  const buffer = new AudioBuffer({ length: channels[0].length, numberOfChannels: channels.length, sampleRate: rate });
  channels.forEach((samples, c) => buffer.copyToChannel(samples, c));
  return buffer;
}

// The samples of a file, in a context of the file's own rate, so that nothing is resampled.
async function qlDecode(bytes, channels, rate) {
  const buffer = await new OfflineAudioContext(channels, 1, rate).decodeAudioData(bytes.slice().buffer);
  return Array.from({ length: channels }, (_, c) => buffer.getChannelData(c));
}

// A button with a name for the ear and a face for the eye.
function qlButton(name, face, press) {
  const button = document.createElement("button");
  button.type = "button";
  button.setAttribute("aria-label", name);
  button.title = name;
  button.textContent = face;
  button.onclick = press;
  return button;
}

// Whether a key is meant for the player: not while a person types, and a button's space is the button's.
function qlKeyIsFree(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  const at = event.target;
  if (at.closest?.("textarea, select, [contenteditable=true], [role=combobox], [role=dialog]")) return false;
  if (at.tagName === "INPUT") return at.type === "range";
  return !(event.key === " " && at.closest?.("button, a, summary, [role=button], [role=radio]"));
}
