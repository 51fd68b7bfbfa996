"""How few bits does this tensor need?"""

from __future__ import annotations

from quantlab.labs.address import Table
from quantlab.labs.lab import Lab, Number, Try
from quantlab.labs.tensor.films import VIEWS
from quantlab.labs.tensor.request import PARAMETERS
from quantlab.labs.tensor.result import sqnr_at, sqnr_of, tasks
from quantlab.labs.tensor.subject import SUBJECT, tensor_of

LAB = Lab(
    slug="tensor",
    title="Tensor",
    icon=":material/grid_on:",
    question="How few bits does this tensor need?",
    blurb="How few bits does this tensor need? Weights, pictures' pixels or your own file, under every scheme.",
    table=Table(PARAMETERS, SUBJECT, tensor_of),
    views=VIEWS,
    tasks=tasks,
    tries=(
        Try("Groups of 64", {"granularity": "group-64"}),
        Try("Clip for least error", {"calibrator": "mse"}),
        Try("NF4 in groups of 64", {"scheme": "nf4", "scrub": "group"}),
        Try("2 bits", {"bits": "2"}),
        Try("k-means", {"scheme": "kmeans", "method": "lloyd"}),
        Try("One growing outlier", {"source": "normal", "scrub": "outlier"}),
        Try("Spread the outlier by a rotation", {"source": "normal", "scrub": "outlier", "transform": "hadamard"}),
        Try("A full-scale sine", {"source": "sine"}),
    ),
    number=Number("dB", sqnr_of, sqnr_at),
    compared="histogram",
    rank=10,
)
