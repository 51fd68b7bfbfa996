// A word as switches: one button a bit, its field's colour; a press tells Python which bit was turned over.
export default function ({ data, parentElement, setTriggerValue }) {
  const host = qlHost(parentElement, "ql-bits");
  let index = 0;
  const formula = document.createElement("p");
  const part = (text, slot) => {
    const span = document.createElement("b");
    span.textContent = text;
    if (slot) span.dataset.slot = slot;
    return span;
  };
  formula.append(...data.formula.map(([text, slot]) => part(text, slot)), part(` = ${data.value}`, "value"));
  const fields = data.fields.map(field => {
    const group = document.createElement("div");
    group.dataset.slot = field.slot;
    const row = document.createElement("div");
    for (const bit of field.bits) {
      const button = document.createElement("button");
      const at = index++;
      button.textContent = bit;
      button.setAttribute("aria-pressed", bit === "1");
      button.setAttribute("aria-label", `bit ${at} of the word, ${field.name}`);
      button.onclick = () => setTriggerValue("flip", at);
      row.append(button);
    }
    const name = document.createElement("span");
    name.textContent = field.name;
    group.append(row, name);
    return group;
  });
  host.replaceChildren(...fields, formula);
}
