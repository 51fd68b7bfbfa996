"""One file that plays anywhere: a lab's views at an address, with their films, the modules that show them, and the slider inside.

The modules are those of the app (``quantlab/film/web``), each as a data URL that an import map names; films are base64. Nothing is
fetched, and the file's own policy allows nothing else. A chart stands as the app draws it; plotly's read-out and zoom stay behind.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Sequence
from html import escape
from importlib.resources import files
from posixpath import dirname, join, normpath
from urllib.parse import urlencode

from quantlab import __version__
from quantlab.caching import cache
from quantlab.film import kind_of
from quantlab.labs.address import Address
from quantlab.labs.image.result import ImageResult
from quantlab.labs.image.wipe import with_addresses
from quantlab.labs.lab import Lab, LabResult
from quantlab.progress import finish

MOST_BYTES = 25_000_000
_IMPORT = re.compile(r'^(import [^;]*? from )"(\.[^"]+)";$', re.MULTILINE)
_FIRST = {
    "tensor": ("histogram", "curve", "numbers", "words"),
    "image": ("wipe", "numbers", "words"),
    "audio": ("sound", "spectrum", "numbers", "words"),
    "cnn": ("accuracy-top", "wall", "numbers", "words"),
    "compress": ("parts", "tradeoff", "numbers", "words"),
    "bench": ("verdict", "layers", "steps", "words"),
    "model": ("tradeoff", "heat", "memory", "roofline", "numbers", "words"),
    "language": ("perplexity", "divergence", "numbers", "words"),
}
STYLE = """:root { color-scheme: light dark; --st-font: "Source Sans", "Segoe UI", system-ui, sans-serif; --st-text-color: #262730;
  --st-background-color: #fff; --st-secondary-background-color: #f3f3f1; --st-border-color: #d9d9d6; --st-primary-color: #0072B2; }
@media (prefers-color-scheme: dark) { :root { --st-text-color: #f3f3f1; --st-background-color: #16161a; --st-secondary-background-color: #25252b;
  --st-border-color: #44444c; --st-primary-color: #56B4E9; } }
body { margin: 0 auto; max-width: 64rem; padding: 1rem 1.2rem 7rem; font-family: var(--st-font); color: var(--st-text-color);
  background: var(--st-background-color); }
h1 { font-size: 1.5rem; margin: 0 0 .3rem; }
section { margin: .8rem 0; overflow: hidden; }
footer { font-size: .85rem; opacity: .85; }
#slider { position: fixed; left: 0; right: 0; bottom: 0; padding: .4rem max(1.2rem, calc(50vw - 31rem)); background: var(--st-background-color);
  border-top: 1px solid var(--st-border-color); }
.ql-term { pointer-events: none; border: 0 !important; }"""
_SCRIPT = """import { mount as slider } from "ql/controls/slider.js";
const { films, slider: knob } = JSON.parse(document.getElementById("films").textContent);
const bytes = text => Uint8Array.from(atob(text), letter => letter.charCodeAt(0));
for (const [id, kind, film] of films) {
  const { mount } = await import(`ql/films/${kind}.js`);
  mount(document.getElementById(id), bytes(film), { plotly: null, level: knob?.labels[knob.index] });
}
if (knob) slider(document.getElementById("slider"), knob);"""
POLICY = "default-src 'none'; script-src 'unsafe-inline' data:; style-src 'unsafe-inline'; img-src data: blob:; connect-src data:; media-src data: blob:"


def views_of(lab: Lab) -> tuple[str, ...]:
    """The views that stand in a lab's file where none are named: its first picture, its numbers, its words."""
    return _FIRST.get(lab.slug, tuple(lab.views))


def html(lab: Lab, address: Address, views: Sequence[str] | None = None) -> str:
    """The document; ValueError for a view that there is none of, for a lab without films, and for what is larger than ``MOST_BYTES``."""
    wanted = views_of(lab) if views is None else lab.checked(views)
    if not lab.views:
        raise ValueError(f"{lab.slug} has no films to take along; name one of tensor, image, audio, cnn, reference, home")
    result = finish(lab.show(address, wanted))
    shown = [(view, film_of(result, view)) for view in wanted if view in result.films]
    if not shown:
        raise ValueError(f"this state of {lab.slug} shows none of {', '.join(wanted)}")
    document = _document(lab, address, result, shown)
    if len(document) > MOST_BYTES:
        raise ValueError(
            f"the file would have {len(document) / 1e6:.0f} MB, more than {MOST_BYTES / 1e6:.0f}; name fewer views, or take a smaller tensor"
        )
    return document


def _document(lab: Lab, address: Address, result: LabResult, shown: Sequence[tuple[str, bytes]]) -> str:
    knob = None
    if "bits" in address.values and str(address["bits"]) in result.labels:
        label, labels = str(address["bits"]), list(result.labels)
        knob = {"group": "lab", "name": lab.table.titled(address, "bits"), "labels": labels, "index": labels.index(label)}
    films = [[f"film-{k}", kind_of(film), base64.b64encode(film).decode()] for k, (_, film) in enumerate(shown)]
    state = ", ".join(address.described)
    query = urlencode(address.query)
    places = "".join(f'<section id="film-{k}" aria-label="{escape(lab.views[view])}"></section>' for k, (view, _) in enumerate(shown))
    modules = modules_of(("controls/slider.js", *sorted({f"films/{kind}.js" for _, kind, _ in films})))
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<title>{escape(f"{lab.title}: {state}" if state else lab.title)}</title>
<style>{STYLE}
{web_text("style.css")}</style>
<script type="importmap">{json_text({"imports": modules})}</script></head>
<body><main><h1>{escape(lab.question)}</h1><p>{escape(state) or "As the lab opens."}</p>
{places}
<footer>QuantLab {escape(__version__)}, <code>{escape(lab.slug + ("?" + query if query else ""))}</code>. Every number was computed when this file was made.</footer></main>
<div id="slider"></div>
<script type="application/json" id="films">{json_text({"films": films, "slider": knob})}</script>
<script type="module">{_SCRIPT}</script></body></html>
"""


def film_of(result: LabResult, view: str) -> bytes:
    """A film whose pictures, where it has such, lie in it as data URLs."""
    film = result.films[view]
    if not isinstance(result, ImageResult) or kind_of(film) not in ("wipe", "row"):
        return film

    def url(name: str) -> str:
        group, _, picture = name.partition("/")
        found = result.pictures[group].files.get(picture)
        return f"data:image/png;base64,{base64.b64encode(found or b'').decode()}"

    return with_addresses(film, url)


def json_text(value: object) -> str:
    """JSON that cannot end its script element."""
    return json.dumps(value, separators=(",", ":")).replace("<", "\\u003c")


@cache
def web_text(path: str) -> str:
    """The text of a module or style that the browser's films are made of."""
    return files("quantlab.film").joinpath("web", *path.split("/")).read_text("utf-8")


@cache
def modules_of(wanted: tuple[str, ...]) -> dict[str, str]:
    """An import map's entries: these modules and all that they import, each a data URL under its name ``ql/<path>``."""
    paths, modules = list(wanted), {}
    for path in paths:
        text = web_text(path)
        named = _IMPORT.sub(lambda found, at=path: f'{found[1]}"ql/{normpath(join(dirname(at), found[2]))}";', text)  # type: ignore[misc]
        modules[f"ql/{path}"] = f"data:text/javascript;base64,{base64.b64encode(named.encode()).decode()}"
        paths += [other for _, relative in _IMPORT.findall(text) if (other := normpath(join(dirname(path), relative))) not in paths]
    return modules
