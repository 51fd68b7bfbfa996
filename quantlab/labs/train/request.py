"""The training lab's request and parameters. The slider moves bits where everything is computed for all of them at once, and epochs or
steps where a training is the film: a training at one width gives all its epochs, and other widths would each cost a training."""

from __future__ import annotations

from quantlab.labs.address import Address, Parameter, Values
from quantlab.labs.forms import Choice, Levels, levels
from quantlab.networks import toy
from quantlab.networks.catalogue import CATALOGUE
from quantlab.networks.one_weight import RULES, STEPS
from quantlab.networks.training import ACTIVATIONS, CURES, MAX_WIDTH, MIN_WIDTH, NETWORKS, PRECISIONS, ROUNDINGS, WEIGHTS, TrainingRequest

ROOMS = {"toy": "In the plane", "network": "A network", "weight": "One weight", "gradients": "Small gradients"}
EPOCHS = {"small": "8", "plain": "3", "depthwise": "3"}
RATES = {"small": 2e-3, "plain": 1e-3, "depthwise": 1e-3}
_FIRST = {"toy": "2", "weight": "12", "gradients": "3"}


def labels_of(values: Values) -> Levels:
    """The stops of the slider in a room."""
    room = values["room"]
    if room == "network":
        return levels(tuple(map(str, range(int(values["epochs"]) + 1))))
    return levels(tuple(map(str, range(STEPS + 1)))) if room == "weight" else levels(tuple(map(str, toy.WIDTHS)))


def training_of(address: Address) -> TrainingRequest:
    """The training that an address of the network's room asks for."""
    a = address.values
    return TrainingRequest(
        network=a["source"],
        width=int(a["width"]),
        weights=a["method"],
        activations=a["activations"],
        sharing=a["granularity"],
        cure=a.get("cure", "floor"),
        gradient=a["gradient"],
        gradient_bits=int(a.get("gradient-bits", 4)),
        precision=a["precision"],
        observing=a.get("observers", "off") == "on",
        epochs=int(a["epochs"]),
        rate=RATES[a["source"]] * float(a["rate"]),
        step_rate=float(a.get("step-rate", 1)),
        seed=int(a["seed"]),
    )


def _in(*rooms: str):  # type: ignore[no-untyped-def]  # a function of values, as ``when`` takes it
    return lambda values: values["room"] in rooms


def _learns(values: Values) -> bool:
    return values["room"] == "network" and "lsq" in (values["method"], values["activations"])


_WIDTHS = {str(b): f"{b} bits" for b in range(MIN_WIDTH, MAX_WIDTH + 1)}

PARAMETERS = (
    Parameter(
        "room",
        "the room: `toy`, `network`, `weight`, `gradients`",
        Choice(ROOMS, buttons=True),
        "toy",
        "Room",
        "rooms",
        advice="A toy that learns at once, a real network over its epochs, one weight step by step, gradients in few bits.",
    ),
    Parameter(
        "source",
        "what learns: points in the plane (`spirals`, `moons`), or in its room a network (`small`, `plain`, `depthwise`)",
        lambda v: Choice({s: CATALOGUE[s].title for s in NETWORKS} if v["room"] == "network" else {s: s.capitalize() for s in toy.DATA}),
        lambda v: "small" if v["room"] == "network" else "spirals",
        "What learns",
        when=_in("toy", "network"),
        advice="The data, and with it the network.",
    ),
    Parameter(
        "rule",
        "how the step of one weight moves",
        Choice(RULES),
        "fixed",
        "The step",
        when=_in("weight"),
        advice="Whether the step learns, and how fast.",
    ),
    Parameter(
        "width",
        "bits of weights and activations while training",
        Choice(_WIDTHS),
        "2",
        "Bits",
        when=_in("network"),
        advice="Bits of weights and activations.",
    ),
    Parameter(
        "method",
        "how weights are rounded while training",
        Choice(WEIGHTS),
        "lsq",
        "Weights",
        when=_in("network"),
        advice="Where the levels of the weights come from.",
    ),
    Parameter(
        "activations",
        "how activations are rounded while training",
        Choice(ACTIVATIONS),
        "lsq",
        "Activations",
        when=_in("network"),
        advice="Where the levels of the activations come from.",
    ),
    Parameter(
        "granularity",
        "what of the weights shares one step",
        Choice({"channel": "each output channel", "tensor": "the whole tensor"}),
        "channel",
        "One step for",
        when=_in("network"),
        advice="Which weights share one step.",
    ),
    Parameter(
        "seed",
        "the seed: of the points, or of a training",
        Choice({str(s): str(s) for s in range(5)}),
        "0",
        "Seed",
        when=_in("toy", "network"),
        advice="Another one gives another training; a gain is claimed over three.",
    ),
    Parameter(
        "epochs",
        "epochs of training",
        Choice({str(n): str(n) for n in (1, 2, 3, 4, 6, 8, 12, 16)}),
        lambda v: EPOCHS[v["source"]],
        "Epochs",
        "more",
        when=_in("network"),
        advice="How often every training image is seen.",
    ),
    Parameter(
        "rate",
        "the learning rate, times its default",
        Choice({"0.05": "a twentieth", "0.3": "a third", "1": "as usual", "3": "threefold"}),
        "1",
        "Learning rate",
        "more",
        when=_in("network"),
        advice="How far each batch moves the weights.",
    ),
    Parameter(
        "step-rate",
        "how much faster steps learn than weights",
        Choice({"1": "as fast as weights", "10": "10 times", "60": "60 times"}),
        "1",
        "Steps learn",
        "more",
        when=_learns,
        advice="Fast steps may fall below zero.",
    ),
    Parameter(
        "cure",
        "what keeps a learned step above zero",
        Choice(CURES),
        "floor",
        "Steps are",
        "more",
        when=_learns,
        advice="Without a cure a step may fall below zero.",
    ),
    Parameter(
        "gradient",
        "how gradients are rounded (DoReFa)",
        Choice(ROUNDINGS),
        "float",
        "Gradients",
        "more",
        when=_in("network"),
        advice="Rounded to the nearest, small gradients all become the same.",
    ),
    Parameter(
        "gradient-bits",
        "bits of rounded gradients",
        Choice({str(b): f"{b} bits" for b in (2, 4, 6, 8)}),
        "2",
        "Bits of gradients",
        "more",
        when=lambda v: v["room"] == "network" and v["gradient"] != "float",
        advice="Bits of each gradient.",
    ),
    Parameter(
        "precision",
        "the arithmetic of the latent weights",
        Choice(PRECISIONS),
        "float32",
        "Latent weights",
        "more",
        when=_in("network"),
        advice="In bf16 alone, a small update is lost.",
    ),
    Parameter(
        "observers",
        "`on`: observers go on while the network answers, a bug",
        Choice({"off": "off", "on": "left on"}),
        "off",
        "Observers while answering",
        "more",
        when=lambda v: v["room"] == "network" and v["activations"] == "observed",
        advice="Left on, an answer depends on the images that come with it.",
    ),
    Parameter(
        "layer",
        "the layer whose weights are shown",
        lambda v: Choice({s: s for s in CATALOGUE[v["source"]].layers}),
        lambda v: CATALOGUE[v["source"]].layers[1],
        "Layer",
        when=_in("network"),
        advice="The layer whose weights are shown.",
    ),
    Parameter(
        "bits",
        "what the slider moves: bits, in the room `network` the epoch, in the room `weight` the step of training",
        labels_of,
        lambda v: str(v["epochs"]) if v["room"] == "network" else _FIRST[v["room"]],
        lambda v: {"network": "Epoch", "weight": "Step"}.get(v["room"], "Bits"),
        "bottom",
        advice="Drag it, or use the arrow keys: everything on the page follows.",
    ),
)
