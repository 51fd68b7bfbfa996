"""A report of the bench as one HTML file that fetches nothing."""

from __future__ import annotations

from html import escape

from quantlab.bench.plots import plots
from quantlab.bench.report import Report

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_STYLE = """:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:64rem;margin:1.5rem auto;padding:0 1rem}
table{border-collapse:collapse;width:100%;margin:.5rem 0 1.5rem}h1,td{overflow-wrap:anywhere}th,td{text-align:left;padding:.25rem .6rem;border-bottom:1px solid #8886}
th.n,td.n{text-align:right}td.n{white-space:nowrap;font-variant-numeric:tabular-nums}.bar{display:inline-block;height:.7em;background:#7a8ba0}.own{background:#D55E00}
td.w{min-width:14rem}td.b{white-space:nowrap}.verdict{font-size:1.4rem;font-weight:600}@media(max-width:48rem){table{display:block;overflow-x:auto}}
figure{display:flex;flex-wrap:wrap;gap:1rem;margin:.5rem 0 1rem}svg{max-width:100%;height:auto}
@page{margin:14mm}@media print{:root{color-scheme:light}body{max-width:none;margin:0;padding:0;font-size:11px;print-color-adjust:exact}
tr,svg{break-inside:avoid}h2{break-after:avoid}thead{display:table-header-group}figure svg{width:48%}}"""
_PARTS = 12  # classes and slices that are told


def document(report: Report) -> str:
    """The file."""
    measures, n = report["measures"], report["provenance"]["examples"]["count"]
    verdict = "Passed" if report["passed"] else "Failed"
    findings = "".join(
        f"<tr><td>{escape(f['box'])}</td><td>{escape(f['text'])}</td><td>{escape(f['remedy'])}</td></tr>" for f in report["findings"]
    )
    targets = "".join(f"<li>{escape(t['target'])}: {'met' if t['met'] else 'missed'}</li>" for t in report["targets"])
    largest = (
        max((e["total"] / max(e["signal"], 1e-12) for e in report["layers"] if e["total"] is not None and e["signal"]), default=1) or 1
    )

    def bar(value: float | None, signal: float | None, kind: str) -> str:
        if value is None or signal is None:
            return "no number"
        return f'<span class="bar {kind}" style="width:{100 * value / max(signal, 1e-12) / largest:.0f}px"></span> {value:.3g}'

    layers = "".join(
        f"<tr><td class=n>{i}</td><td>{escape(e['layer'])}</td><td class=b>{bar(e['local'], e['signal'], 'own')}</td><td class=b>{bar(e['inherited'], e['signal'], '')}</td>"
        f"<td class=n>{_number(e['steps']['ratio'] if e['steps'] else 0, '.3f')}</td><td class=w>{escape(e['why'])}</td><td class=n>{_percent(e['fixed'])}</td></tr>"
        for i, e in enumerate(report["layers"], 1)
    )
    laws = "".join(f"<tr><td>{escape(law['law'])}</td><td class=n>{law['places']}</td><td>{_held(law)}</td></tr>" for law in report["laws"])
    numbers = "".join(
        f"<tr><td>{escape(name)}</td><td class=n>{_number(value)}{_interval(report, name)}</td></tr>" for name, value in measures.items()
    )
    versions = ", ".join(f"{escape(name)} {escape(v)}" for name, v in report["provenance"]["versions"].items())
    hashes = ", ".join(
        f"{what} {escape(report['provenance'][what]['sha256'])}" for what in ("float", "quantized", "examples", "calibration")
    )
    return f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}"><title>{escape(report["title"])}: {verdict}</title><style>{_STYLE}</style></head><body>
<h1>{escape(report["title"])}</h1><p class="verdict">{verdict}</p><ul>{targets}</ul>
<h2>What was found</h2><table><tr><th>Box</th><th>Finding</th><th>Remedy</th></tr>{findings or "<tr><td colspan=3>Nothing.</td></tr>"}</table>
<h2>Measures on {n} examples</h2><table>{numbers}</table>
{_parts(report)}
<h2>Plots</h2><figure>{"".join(plots(report)) or "No layer of the quantized file can be compared."}</figure>
<h2>Error layer by layer</h2><p>Rms at each layer's result: what its own rounding does, and what it inherits. Error over step is
1/√12 = 0.289 for evenly spread values. The last column is the share of the output's error that goes when this layer alone is float.</p>
<table><thead><tr><th></th><th>Layer</th><th>Own</th><th>Inherited</th><th class=n>Error/step</th><th>Why</th><th class=n>Fixing it</th></tr></thead>
{layers}</table>
<h2>Laws</h2><table><tr><th>Law</th><th class=n>Places</th><th></th></tr>{laws}</table>
<p><small>{versions}. SHA-256: {hashes}.</small></p></body></html>
"""


def _number(value: float | None, form: str = ".4g") -> str:
    return "no number" if value is None else format(value, form)


def _percent(share: float | None) -> str:
    return "no number" if share is None else f"{round(100 * share)} %"


def _interval(report: Report, name: str) -> str:
    """The 95 % interval of a measure that has one."""
    ends = report.get("intervals", {}).get(name)
    return f" ({ends['low']:.3g} to {ends['high']:.3g})" if ends else ""


def _parts(report: Report) -> str:
    """Right answers by slice, class and disturbance; nothing where the answers are no classes."""
    rows = [(f"slice {name}", n, before, after) for name, n, before, after in report.get("by_slice", ())]
    rows += [(f"class {name}", n, before, after) for name, n, before, after in report.get("by_class", ())[:_PARTS]]
    count = report["provenance"]["examples"]["count"]
    rows += [(name, count, before, after) for name, (before, after) in report.get("robustness", {}).items()]
    if not rows:
        return ""
    cells = "".join(
        f"<tr><td>{escape(name)}</td><td class=n>{n}</td><td class=n>{100 * before:.1f} %</td><td class=n>{100 * after:.1f} %</td></tr>"
        for name, n, before, after in rows
    )
    head = "<tr><th>Examples of</th><th class=n>How many</th><th class=n>Right in float</th><th class=n>Quantized</th></tr>"
    return f"<h2>Where right answers are lost</h2><table><thead>{head}</thead>{cells}</table>"


def _held(law: Report) -> str:
    if not law["places"]:
        return "says nothing of this model"
    return "holds" if law["holds"] else "broken"
