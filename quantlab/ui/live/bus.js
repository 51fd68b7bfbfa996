// A slider announces its level here and the films of its group repaint: the one thing both sides share, all in the browser.
const qlGroups = (window.__quantlab ??= { groups: new Map() }).groups;

function qlGroup(name) {
  if (!qlGroups.has(name)) qlGroups.set(name, { level: null, films: new Map() });
  return qlGroups.get(name);
}

function qlAnnounce(name, level) {
  const group = qlGroup(name);
  group.level = level;
  for (const paint of group.films.values()) paint(level);
}

// A film joins with its host element and a function that paints a level; it is painted as soon as a level is known.
// A function that has to wait for something says false, and the film's level stays unsaid until it has painted.
function qlJoin({ group: name, labels }, host, paint) {
  const group = qlGroup(name);
  const show = level => {
    const i = labels.indexOf(level);
    if (i < 0) return; // a level of another state of the page, whose films are on their way
    if (paint(i) === false) delete host.dataset.level;
    else host.dataset.level = level;
  };
  group.films.set(host, show);
  show(group.level);
  return () => { if (group.films.get(host) === show) group.films.delete(host); };
}

// A film's bytes: length of the header, the header as JSON padded to four bytes, then float32 or bytes.
function qlUnpack(bytes) {
  const start = 4 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  return { header: JSON.parse(new TextDecoder().decode(bytes.subarray(4, start))), payload: bytes.slice(start) };
}

// The element of a component that holds what it shows: made once, kept over updates.
function qlHost(parent, className) {
  let host = parent.querySelector(`:scope > .${className}`);
  if (!host) {
    host = document.createElement("div");
    host.className = className;
    parent.appendChild(host);
  }
  return host;
}
