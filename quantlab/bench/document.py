"""A report of the bench as one HTML file that fetches nothing."""

from __future__ import annotations

from html import escape

from quantlab.bench.report import Report

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_STYLE = """:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:64rem;margin:1.5rem auto;padding:0 1rem}
table{border-collapse:collapse;width:100%;margin:.5rem 0 1.5rem}th,td{text-align:left;padding:.25rem .6rem;border-bottom:1px solid #8886}
td.n{text-align:right;font-variant-numeric:tabular-nums}.bar{display:inline-block;height:.7em;background:#CC79A7}.own{background:#D55E00}
.verdict{font-size:1.4rem;font-weight:600}"""


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

    def bar(value: float | None, signal: float, kind: str) -> str:
        if value is None:
            return "no number"
        return f'<span class="bar {kind}" style="width:{100 * value / max(signal, 1e-12) / largest:.0f}px"></span> {value:.3g}'

    layers = "".join(
        f"<tr><td>{escape(e['layer'])}</td><td>{bar(e['local'], e['signal'], 'own')}</td><td>{bar(e['inherited'], e['signal'], '')}</td>"
        f"<td class=n>{e['steps']['ratio'] if e['steps'] else 0:.3f}</td><td>{escape(e['why'])}</td><td class=n>{100 * e['fixed']:.0f} %</td></tr>"
        for e in report["layers"]
    )
    laws = "".join(f"<tr><td>{escape(law['law'])}</td><td class=n>{law['places']}</td><td>{_held(law)}</td></tr>" for law in report["laws"])
    numbers = "".join(f"<tr><td>{escape(name)}</td><td class=n>{value:.4g}</td></tr>" for name, value in measures.items())
    versions = ", ".join(f"{escape(name)} {escape(v)}" for name, v in report["provenance"]["versions"].items())
    hashes = ", ".join(
        f"{what} {escape(report['provenance'][what]['sha256'])}" for what in ("float", "quantized", "examples", "calibration")
    )
    return f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}"><title>{escape(report["title"])}: {verdict}</title><style>{_STYLE}</style></head><body>
<h1>{escape(report["title"])}</h1><p class="verdict">{verdict}</p><ul>{targets}</ul>
<h2>What was found</h2><table><tr><th>Box</th><th>Finding</th><th>Remedy</th></tr>{findings or "<tr><td colspan=3>Nothing.</td></tr>"}</table>
<h2>Measures on {n} examples</h2><table>{numbers}</table>
<h2>Error layer by layer</h2><p>Rms at each layer's result: what its own rounding does, and what it inherits. Error over step is
1/√12 = 0.289 for evenly spread values. The last column is the share of the output's error that goes when this layer alone is float.</p>
<table><tr><th>Layer</th><th>Own</th><th>Inherited</th><th>Error/step</th><th>Why</th><th>Fixing it</th></tr>{layers}</table>
<h2>Laws</h2><table><tr><th>Law</th><th>Places</th><th></th></tr>{laws}</table>
<p><small>{versions}. SHA-256: {hashes}.</small></p></body></html>
"""


def _held(law: Report) -> str:
    if not law["places"]:
        return "says nothing of this model"
    return "holds" if law["holds"] else "broken"
