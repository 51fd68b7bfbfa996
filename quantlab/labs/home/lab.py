"""What does quantization do to a signal?"""

from __future__ import annotations

from quantlab.labs.address import Parameter, Table
from quantlab.labs.forms import levels
from quantlab.labs.home.films import BITS, VIEWS
from quantlab.labs.home.result import tasks
from quantlab.labs.lab import Lab

LAB = Lab(
    slug="home",
    title="QuantLab",
    icon=":material/stairs_2:",
    question="What does quantization do to a signal?",
    blurb="What does quantization do to a signal? A sine, a slider, and the ways into the labs.",
    table=Table(
        (
            Parameter(
                "bits",
                "the bit width on the slider",
                levels(tuple(map(str, BITS))),
                "3",
                "Bits",
                "bottom",
                advice="Bits for each value: one more doubles the levels.",
            ),
        )
    ),
    views=VIEWS,
    tasks=tasks,
    rank=0,
)
