"""What does a network learn when it feels the rounding?"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from quantlab.labs.address import Address, Table
from quantlab.labs.lab import Lab, Try
from quantlab.labs.train import gradient_room, network_room, toy_room, weight_room
from quantlab.labs.train.request import PARAMETERS, training_of
from quantlab.labs.train.result import TrainResult
from quantlab.tasks import Task


def tasks(address: Address, views: Sequence[str]) -> Sequence[Task[TrainResult]]:
    """The tasks of the address's room, which give all of the room's views."""
    room = address["room"]
    if room == "network":
        return network_room.tasks(training_of(address), address["layer"])
    if room == "toy":
        data, seed = address["source"], int(address["seed"])
        return (Task(("training toy", data, seed), partial(toy_room.steps, data, seed), "Learning in the plane"),)
    if room == "weight":
        return (Task(("training weight", address["rule"]), partial(weight_room.steps, address["rule"]), "One weight"),)
    return (Task(("training gradients",), gradient_room.steps, "Rounding gradients"),)


LAB = Lab(
    slug="train",
    title="Train with it",
    icon=":material/model_training:",
    question="What does a network learn when it feels the rounding?",
    blurb="Training with rounding: a border in the plane that breaks and heals, a network over its epochs, one weight step by step.",
    table=Table(PARAMETERS),
    views={
        "toy": "a network that learns in the browser: float, rounded after training, trained with rounding",
        "curves": "Top-1 over the epochs",
        "loss": "loss over the epochs",
        "weights": "latent and quantized weights of a layer",
        "steps": "how learned steps move",
        "flips": "codes that flip",
        "walk": "one weight over the steps of training",
        "line": "one weight on the number line",
        "gradients": "rounded gradients on average",
        "bf16": "small updates in bf16",
        "numbers": "the numbers of the level",
        "words": "what to notice, in words",
    },
    tasks=tasks,
    tries=(
        Try("Moons", {"source": "moons"}),
        Try("3 bits", {"bits": "3"}),
        Try("A network at 2 bits", {"room": "network"}),
        Try("Ternary weights", {"room": "network", "method": "ternary"}),
        Try("One weight that never rests", {"room": "weight"}),
        Try("A step below zero", {"room": "weight", "rule": "fast"}),
        Try("Gradients in 2 bits", {"room": "gradients", "bits": "2"}),
        Try("Observers left on", {"room": "network", "method": "ste", "activations": "observed", "observers": "on"}),
    ),
    extra="networks",
    section="Repair, train, shrink",
    rank=44,
)
