// @ts-check
// The first stop of the Tab key: a link to the slider, seen while it has the focus.

/** @returns {HTMLInputElement | null} */
const slider = () => document.querySelector("[data-live=slider]");

/** Puts the link in front of everything that Streamlit draws, once. */
export function skipLink() {
  if (document.querySelector(".ql-skip")) return;
  const link = document.createElement("a");
  Object.assign(link, { className: "ql-skip", href: "#ql-slider", textContent: "Skip to the slider" });
  link.onclick = event => {
    event.preventDefault(); // the address is the lab's
    slider()?.focus();
  };
  document.body.prepend(link);
}
