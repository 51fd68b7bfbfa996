// Pictures with what a network takes them for: a frame for right, a cross for wrong; pressing one shows both lists of answers.
export default function ({ data, parentElement }) {
  const { header, payload } = qlUnpack(data);
  const { count, rows, cols, classes, truth, before, after } = header;
  const host = qlHost(parentElement, "ql-answers");
  host.dataset.film = "answers";
  host.dataset.large = rows > 64;
  host.dataset.single = count === 1;
  if (!host.firstChild) host.innerHTML = '<small></small><div></div><p></p><section><div></div><div></div></section>';
  const [caption, wall, told, lists] = host.children;
  caption.textContent = header.alt;
  host.setAttribute("role", "group");
  host.setAttribute("aria-label", header.alt);
  const name = k => classes[k];
  const [above, beside] = header.known ? [k => `${k}:`, (k, now) => `${k}, answered ${now}`] : [k => `In float: ${k}`, (k, now) => `In float ${k}, now ${now}`];

  const tiles = Array.from({ length: count }, (_, n) => {
    const button = document.createElement("button");
    const canvas = document.createElement("canvas");
    button.type = "button";
    canvas.width = cols;
    canvas.height = rows;
    const picture = new ImageData(cols, rows);
    for (let i = 0, from = n * rows * cols * 3; i < rows * cols; i++, from += 3) {
      picture.data.set([payload[from], payload[from + 1], payload[from + 2], 255], 4 * i);
    }
    canvas.getContext("2d").putImageData(picture, 0, 0);
    button.append(canvas, document.createElement("i"));
    button.onclick = () => { host.qlChosen = n; choose(); };
    return button;
  });
  wall.replaceChildren(...tiles);
  wall.onkeydown = event => {
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -inRow(), ArrowDown: inRow() }[event.key];
    const next = tiles[tiles.indexOf(document.activeElement) + step];
    if (!next) return;
    event.preventDefault();
    next.click();
    next.focus();
  };
  const inRow = () => tiles.filter(tile => tile.offsetTop === tiles[0].offsetTop).length;

  let level = 0;
  const list = (where, title, answers, right) => {
    const head = document.createElement("b");
    head.textContent = title;
    where.replaceChildren(head, ...(answers ?? []).map(([k, share]) => {
      const line = document.createElement("span");
      const word = document.createElement("cite");
      word.textContent = name(k);
      line.style.setProperty("--ql-share", `${share}%`);
      line.dataset.right = k === right;
      const number = document.createElement("em");
      number.textContent = `${share} %`;
      line.append(word, number);
      return line;
    }));
  };
  const choose = () => {
    const n = Math.min(host.qlChosen ?? first(), count - 1);
    tiles.forEach((tile, k) => {
      tile.setAttribute("aria-pressed", k === n);
      tile.tabIndex = k === n ? 0 : -1; // one stop of the Tab key; arrows go from picture to picture
    });
    if (n < 0) return;
    list(lists.children[0], "float", before[n], truth[n]);
    list(lists.children[1], `${header.labels[level]} bits`, after[level]?.[n], truth[n]);
    told.textContent = above(name(truth[n]));
  };
  const first = () => Math.max(0, truth.findIndex((right, n) => before[n][0][0] === right && after[level]?.[n][0][0] !== right));
  const paint = i => {
    level = i;
    const answers = after[i];
    tiles.forEach((tile, n) => {
      const state = !answers ? "waiting" : answers[n][0][0] === truth[n] ? "right" : "wrong";
      if (tile.dataset.state !== state) tile.dataset.state = state;
      tile.title = answers ? beside(name(truth[n]), name(answers[n][0][0])) : name(truth[n]);
      tile.setAttribute("aria-label", tile.title);
    });
    choose();
  };
  return qlJoin(header, host, paint);
}
