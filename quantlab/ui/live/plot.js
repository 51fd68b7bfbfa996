// A plotly figure in which some traces move. While the thumb moves only their paths are redrawn, through the axes that
// plotly laid out (a few ms for a page, where plotly's own restyle takes 20 a chart); at rest plotly is told the data, so
// that hover, zoom and export speak of the level that is seen.
const qlPlotly = url => (window.__quantlab.plotly ??= new Promise((done, fail) => {
  const script = document.createElement("script");
  script.src = url;
  script.onload = () => done(window.Plotly);
  script.onerror = () => fail(new Error(`${url} did not load`));
  document.head.appendChild(script);
}));

const qlConfig = {
  responsive: true,
  displaylogo: false,
  showSendToCloud: false, // plotly's default offers to upload a person's data
  modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d", "zoomIn2d", "zoomOut2d"],
};

export default function ({ data, parentElement, setTriggerValue }) {
  const { header, payload } = qlUnpack(data);
  const floats = new Float32Array(payload.buffer);
  const { figure, tracks } = header;
  const host = qlHost(parentElement, "ql-plot");
  if (tracks.length) host.dataset.film = "plot"; // without a trace that moves it is a picture, no film
  host.setAttribute("role", "img");
  host.setAttribute("aria-label", header.alt);
  host.style.height = `${figure.layout.height}px`;
  const at = ([start, length]) => floats.subarray(start, start + length);
  const array = (track, axis, i) => at(track[axis].length === 1 ? track[axis][0] : track[axis][i]);
  const state = { level: Math.max(0, header.labels.indexOf(qlGroup(header.group).level)), alive: true, paths: [] };

  const traces = i => figure.data.map((trace, k) => {
    const track = tracks.find(t => t.trace === k);
    return track ? { ...trace, uid: `ql${k}`, x: [...array(track, "x", i)], y: [...array(track, "y", i)] } : { ...trace, uid: `ql${k}` };
  });

  // Where a value lies on an axis, in pixels: a·t + b with t the value or its logarithm.
  const ruler = axis => {
    const log = axis.type === "log";
    const b = axis.l2p(0);
    return { log, b, a: axis.l2p(1) - b };
  };

  const find = () => {
    state.paths = tracks.map(track => {
      const trace = host.querySelector(`.trace.traceql${track.trace}`);
      const full = host._fullData[track.trace];
      return {
        track,
        lines: trace ? trace.querySelectorAll("path.js-line") : [],
        fill: trace?.querySelector("path.js-fill"),
        points: trace ? trace.querySelectorAll("path.point") : [],
        x: ruler(host._fullLayout[full.xaxis.replace("x", "xaxis")]),
        y: ruler(host._fullLayout[full.yaxis.replace("y", "yaxis")]),
      };
    });
  };

  const draw = i => {
    for (const { track, lines, fill, points, x, y } of state.paths) {
      const xs = array(track, "x", i), ys = array(track, "y", i);
      const near = v => Math.min(Math.max(v, -9999), 9999); // far outside is as good as further, and infinity is no place
      const px = k => near((x.log ? Math.log10(xs[k]) : xs[k]) * x.a + x.b);
      const py = k => near((y.log ? Math.log10(Math.max(ys[k], 1e-30)) : ys[k]) * y.a + y.b);
      if (points.length) {
        points.forEach((point, k) => point.setAttribute("transform", k < xs.length && !Number.isNaN(ys[k]) ? `translate(${px(k)},${py(k)})` : "translate(-99,-99)"));
        continue;
      }
      let path = "", pen = "M";
      for (let k = 0; k < xs.length; k++) {
        if (Number.isNaN(ys[k])) { pen = "M"; continue; }
        path += `${pen}${px(k).toFixed(1)},${py(k).toFixed(1)}`;
        pen = "L";
      }
      path ||= "M0,0";
      lines.forEach((line, k) => line.setAttribute("d", k ? "M0,0" : path)); // plotly makes a path a gap; the first takes all
      if (fill && xs.length) {
        const floor = y.log ? 9999 : near(y.b);
        fill.setAttribute("d", `${path}L${px(xs.length - 1).toFixed(1)},${floor}L${px(0).toFixed(1)},${floor}Z`);
      }
    }
  };

  const settle = Plotly => {
    clearTimeout(host.qlTimer);
    host.qlTimer = setTimeout(() => {
      if (!state.alive) return;
      const update = { x: tracks.map(t => [...array(t, "x", state.level)]), y: tracks.map(t => [...array(t, "y", state.level)]) };
      Plotly.restyle(host, update, tracks.map(t => t.trace));
    }, 250);
  };

  qlPlotly(header.plotly).then(async Plotly => {
    if (!state.alive) return;
    host.removeAllListeners?.("plotly_afterplot"); // of the state before: its traces are about to go
    host.removeAllListeners?.("plotly_click");
    await Plotly.react(host, traces(state.level), figure.layout, qlConfig);
    if (!state.alive) return;
    find();
    host.qlWidth = host.clientWidth;
    host.qlWatch ??= new ResizeObserver(() => { // plotly itself hears only of the window's size
      if (host.clientWidth && host.clientWidth !== host.qlWidth) {
        host.qlWidth = host.clientWidth;
        Plotly.Plots.resize(host);
      }
    });
    host.qlWatch.observe(host);
    host.on("plotly_afterplot", () => { if (state.alive) { find(); draw(state.level); } });
    host.on("plotly_click", event => setTriggerValue("picked", event.points[0].x));
    if (!tracks.length) return;
    state.leave = qlJoin(header, host, i => {
      const moved = i !== state.level;
      state.level = i;
      draw(i);
      if (moved) settle(Plotly);
    });
  });
  return () => {
    state.alive = false;
    clearTimeout(host.qlTimer);
    state.leave?.();
  };
}
