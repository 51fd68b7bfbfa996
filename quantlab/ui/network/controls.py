"""The network lab's controls: which network, how it is quantized, what the slider scrubs; each in the address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import streamlit as st

from quantlab.grouping import parse_granularity
from quantlab.labs.network.agreement import EXTREMES
from quantlab.labs.network.axis import FEW, block_of
from quantlab.labs.network.curves import measures
from quantlab.labs.network.words import BROUGHT, LAYERS, NETWORKS, PICTURES, PRETRAINED
from quantlab.ranges import CALIBRATORS
from quantlab.schemes import SCHEMES, Scheme
from quantlab.types import QuantSpec
from quantlab.ui.network.files import choose_file
from quantlab.ui.quantizer_controls import choose_knobs, choose_range_and_rounding, choose_scheme
from quantlab.ui.state import State
from quantlab.ui.written import Written

if TYPE_CHECKING:
    from quantlab.networks.engine.quantized import Setting

WIDTHS = tuple(range(2, 17))
DEFAULT = "5"
_AFFINE = sorted(
    (s for s, e in SCHEMES.items() if e.affine and "arithmetic" in e.knobs), key=lambda s: SCHEMES[s].symmetric
)  # of activations
_SCRUBS = {"both": "Weights and activations", "weights": "Weights", "activations": "Activations"}
_WIDTHS = {"float": "float"} | {str(bits): f"{bits} bits" for bits in WIDTHS}
_GROUPS = ("tensor", "channel-0", "group-16", "group-32", "group-64")


@dataclass(frozen=True)
class Asked:
    """What the controls say, without torch. ``widths`` are the slider's stops; ``options`` of a ``Setting``, what it moves left out."""

    source: str
    images: int
    scrub: str
    widths: tuple[int, ...]
    options: tuple[tuple[str, Any], ...]
    file: str = ""  # a person's own pictures or weights, by the hash of their content
    kept: Asked | None = None  # a setting to compare with, on the same images

    def at(self, bits: int) -> Setting:
        """The setting at a stop of the slider; torch comes with it."""
        from quantlab.networks.engine import Setting

        moved = ("weights", "activations") if self.scrub == "both" else (self.scrub,)
        return Setting(**dict(self.options) | dict.fromkeys(moved, bits))


def choose(state: State, side: Any, more: Any) -> Asked:
    """Everything but the slider."""
    source = _source(state, side)
    return _asked(state, source, choose_file(state, source, more if source in NETWORKS else side), side, more)


def read(written: Written) -> Asked:
    """The same from an address that is not the page's own."""
    return _asked(written, _source(written, None), written.hidden("file", ""), None, None)


def _source(state: State, side: Any) -> str:
    return state.choice("source", "Network", NETWORKS | BROUGHT | PRETRAINED, "plain", side)


def _asked(state: State, source: str, file: str, side: Any, more: Any) -> Asked:
    usual = [slug for slug, scheme in SCHEMES.items() if scheme.layers]
    scheme = choose_scheme(state, usual, "int-symmetric", side)
    weight_spec = _weights(state, scheme, side, more)
    allowed = tuple(bits for bits in scheme.bits_allowed(weight_spec.knobs) if bits in WIDTHS)
    scrubs = _SCRUBS if len(allowed) > 1 else {"activations": _SCRUBS["activations"]}
    scrub = state.choice("scrub", "The slider moves", scrubs, next(iter(scrubs)), side)
    fixed: dict[str, Any] = {}
    if scrub == "activations":
        options = {slug: title for slug, title in _WIDTHS.items() if slug == "float" or int(slug) in allowed}
        fixed["weights"] = _bits(state.choice("weights", "Weights", options, "float" if len(allowed) > 1 else str(allowed[0]), side))
    if scrub == "weights":
        fixed["activations"] = _bits(state.choice("activations", "Activations", _WIDTHS, "float", side))
    activation_spec, dynamic = _activations(state, side, more)
    images = int(state.choice("images", "Test images", {str(n): str(n) for n in (200, 500, 1000, 2000)}, "1000", more))
    fixed |= {
        "inputs": _bits(state.choice("input", "Picture that goes in", _WIDTHS, "8", more)),
        "weight_spec": weight_spec,
        "activation_spec": activation_spec,
        "dynamic": dynamic,
        "calibration": int(state.choice("calibration", "Calibration images", {n: n for n in ("1", "5", "20", "100", "200")}, "200", more)),
        "ends_at_8": state.choice("ends", "First and last layer", {"same": "as the others", "8": "at least 8 bits"}, "same", more) == "8",
        "bias_at_32": state.choice("bias", "Biases", {"32": "32 bits", "same": "as the weights"}, "32", more) == "32",
        "folded": state.choice("norm", "Batch norm", {"folded": "folded into the weights", "apart": "apart, in float"}, "folded", more)
        == "folded",
        "layer_weights": own_bits(state, source, allowed),
    }
    return Asked(source, images, scrub, WIDTHS if scrub == "activations" else allowed, tuple(fixed.items()), file)


def choose_measure(state: State, asked: Asked, side: Any) -> str:
    """What the chart shows against the bits."""
    titles = {slug: measure.title for slug, measure in measures(asked.source not in PRETRAINED).items()}
    return state.choice("measure", "The chart shows", titles, "top", side)


def choose_layer(state: State, asked: Asked, side: Any) -> tuple[str, int]:
    """The layer that is looked into, and the test image that passes it."""
    layers = LAYERS[asked.source]
    layer = state.choice("layer", "Layer", {name: name for name in layers}, layers[0], side)
    last = PICTURES - 1 + bool(asked.file) if asked.source in PRETRAINED else asked.images - 1
    return layer, state.number("picture", "Test image", 0, last, 0, side)


def _weights(state: State, scheme: Scheme, side: Any, more: Any) -> QuantSpec:
    block = QuantSpec(scheme.slug).granularity
    entries = {g.slug: g for g in [*map(parse_granularity, _GROUPS), block] if g.kind in scheme.granularities}
    titles = {slug: "each output channel" if slug == "channel-0" else g.title for slug, g in entries.items()}
    chosen = entries[state.choice("granularity", "One scale for", titles, block.slug, side)]
    spec = QuantSpec(scheme.slug, granularity=chosen, **choose_range_and_rounding(state, scheme, side, more))
    return spec.replace(**choose_knobs(state, scheme, more))


def _activations(state: State, side: Any, more: Any) -> tuple[QuantSpec, bool]:
    """How activations are quantized, and whether their ranges are each image's own."""
    when = {"static": "static, calibrated", "dynamic": "dynamic, each image's"}
    dynamic = state.choice("ranges", "Activation ranges", when, "static", side) == "dynamic"
    slugs = {slug: SCHEMES[slug].title for slug in _AFFINE}
    scheme = SCHEMES[state.choice("activation", "Scheme of the activations", slugs, "int-asymmetric", more)]
    rules = [c for c in scheme.calibrators if c in EXTREMES or not dynamic]
    rule = state.choice("observer", "Range of the activations", {c: CALIBRATORS[c].title for c in rules}, rules[0], more)
    return QuantSpec(scheme.slug, calibrator=rule, arithmetic="torch_fake"), dynamic


def own_bits(state: State, source: str, allowed: tuple[int, ...]) -> tuple[tuple[str, int | None], ...]:
    """Bits of single layers' weights, out of the address: ``conv2-4,answer-float``."""

    def pairs(raw: str) -> list[tuple[str, str]]:
        return [(layer, bits) for layer, _, bits in (entry.rpartition("-") for entry in raw.split(",") if entry)]

    def sound(raw: str) -> bool:
        return all(layer in LAYERS[source] and bits in ("float", *map(str, allowed)) for layer, bits in pairs(raw))

    written = state.hidden("layers", "", sound, "write layers of this network and bits, such as conv1-4,answer-8")
    return tuple((layer, _bits(bits)) for layer, bits in dict(pairs(written)).items())


def row_of_layers(state: State, asked: Asked, layer: str) -> None:
    """A small slider for each layer's weights, of many layers for those of one block; "as set" is what the lab's slider says."""
    layers, own = LAYERS[asked.source], dict(dict(asked.options)["layer_weights"])
    shown = [name for name in layers if len(layers) <= FEW or block_of(name) == block_of(layer)]
    options = ["as set", *map(str, asked.widths), "float"]

    def key(name: str) -> str:
        return f"cnn:own:{asked.source}:{name}"

    def moved() -> None:
        chosen = {name: _slug(bits) for name, bits in own.items()} | {name: st.session_state[key(name)] for name in shown}
        state.set("layers", ",".join(f"{name}-{chosen[name]}" for name in layers if chosen.get(name, "as set") != "as set"))

    for start in range(0, len(shown), 5):
        for column, name in zip(st.columns(5, gap="medium"), shown[start : start + 5], strict=False):
            st.session_state[key(name)] = _slug(own[name]) if name in own else "as set"
            column.select_slider(name, options, key=key(name), on_change=moved)
    if len(shown) < len(layers):
        others = [f"{name} {_slug(bits)}" for name, bits in own.items() if name not in shown]
        st.caption(f"Those of the chosen layer's block; {'elsewhere ' + ', '.join(others) if others else 'all others as set'}.")


def _slug(bits: int | None) -> str:
    return "float" if bits is None else str(bits)


def _bits(slug: str) -> int | None:
    return None if slug == "float" else int(slug)
