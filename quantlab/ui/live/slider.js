// A native range input: announces every level to the films in the browser, and to Python only once the thumb rests.
export default function ({ data, parentElement, setStateValue }) {
  const { group, name, labels, index } = data;
  const host = qlHost(parentElement, "ql-slider");
  if (!host.firstChild) {
    host.innerHTML = '<span class="ql-slider-name"></span><output></output><div><input type="range" min="0" step="1"><div class="ql-ticks"></div></div>';
  }
  const [nameplate, output, input, ticks] = ["span", "output", "input", ".ql-ticks"].map(s => host.querySelector(s));
  const same = JSON.stringify(labels) === host.dataset.labels;
  nameplate.textContent = name;
  input.max = labels.length - 1;
  input.setAttribute("aria-label", name);
  input.dataset.live = "slider";

  const show = i => {
    input.value = i;
    input.dataset.level = output.textContent = labels[i];
    input.setAttribute("aria-valuetext", labels[i]);
    host.style.setProperty("--ql-at", labels.length > 1 ? i / (labels.length - 1) : 0);
    qlAnnounce(group, labels[i]);
  };
  if (!same) {
    host.dataset.labels = JSON.stringify(labels);
    const every = Math.ceil(labels.length / 17);
    ticks.replaceChildren(...labels.map((label, i) => {
      const tick = document.createElement("span");
      tick.textContent = i % every ? "" : label;
      return tick;
    }));
  }
  // Python's word counts when it is news; what it says about an older level must not move a thumb that has gone on.
  if (!same || host.qlTold !== labels[index]) {
    host.qlTold = input.dataset.told = labels[index];
    clearTimeout(host.qlTimer);
    show(index);
  }
  const tell = () => {
    const label = labels[input.value];
    if (host.qlTold === label) return;
    host.qlTold = input.dataset.told = label;
    setStateValue("level", label);
  };
  input.onkeydown = () => { host.qlByKey = true; };
  input.onpointerdown = () => { host.qlByKey = false; };
  input.oninput = () => {
    clearTimeout(host.qlTimer);
    show(+input.value);
  };
  input.onchange = () => {
    clearTimeout(host.qlTimer);
    host.qlTimer = setTimeout(tell, host.qlByKey ? 250 : 0); // keys repeat: tell once they rest
  };
  return () => clearTimeout(host.qlTimer);
}
