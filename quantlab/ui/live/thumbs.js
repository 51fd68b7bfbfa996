// A strip of thumbnails, one sprite for all; a press tells Python which picture was picked.
export default function ({ data, parentElement, setTriggerValue }) {
  const host = qlHost(parentElement, "ql-thumbs");
  host.setAttribute("role", "group");
  host.setAttribute("aria-label", data.name);
  host.replaceChildren(...data.items.map(([slug, title], k) => {
    const button = document.createElement("button");
    button.type = "button";
    button.title = title;
    button.setAttribute("aria-label", title);
    button.setAttribute("aria-pressed", slug === data.chosen);
    button.style.backgroundImage = `url(${data.sprite})`;
    button.style.backgroundSize = `${data.items.length * 100}% 100%`;
    button.style.backgroundPosition = `${data.items.length > 1 ? 100 * k / (data.items.length - 1) : 0}% 0`;
    button.onclick = () => setTriggerValue("picked", slug);
    return button;
  }));
}
