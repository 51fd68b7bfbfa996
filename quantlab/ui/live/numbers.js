// Numbers as tiles or lines of text: every level's texts are here, a level is a matter of textContent.
export default function ({ data, parentElement }) {
  const { header } = qlUnpack(data);
  const host = qlHost(parentElement, "ql-numbers");
  host.dataset.film = "numbers";
  host.dataset.layout = header.layout;
  host.replaceChildren(...header.entries.map(entry => {
    const tile = document.createElement("div");
    tile.title = entry.help;
    tile.append(document.createElement("span"), document.createElement("b"));
    tile.firstChild.textContent = entry.name;
    return tile;
  }));
  const slots = [...host.querySelectorAll("b")];
  return qlJoin(header, host, i =>
    slots.forEach((slot, k) => { slot.textContent = header.entries[k].texts[i]; }));
}
