"""How few values can a picture do with, and why does dither help?"""

from __future__ import annotations

from quantlab.labs.address import Table
from quantlab.labs.image.films import VIEWS
from quantlab.labs.image.request import PARAMETERS
from quantlab.labs.image.result import psnr_at, psnr_of, tasks
from quantlab.labs.image.subject import SUBJECT, image_of
from quantlab.labs.lab import Lab, Number, Try

LAB = Lab(
    slug="image",
    title="Image",
    icon=":material/image:",
    question="How few values can a picture do with, and why does dither help?",
    blurb="How few values can a picture do with, and why does dither help? Photographs, your own file, or your camera.",
    table=Table(PARAMETERS, SUBJECT, image_of),
    views=VIEWS,
    tasks=tasks,
    tries=(
        Try("No dither: bands", {"dither": "none"}),
        Try("One bit", {"bits": "1", "view": "original"}),
        Try("Dither in linear light", {"what": "rgb-linear", "view": "original"}),
        Try("A sky in 8 colours", {"source": "rocket", "what": "palette", "palette": "k-means", "bits": "8"}),
        Try("JPEG at quality 5", {"what": "dct", "bits": "5", "source": "chelsea"}),
        Try("Rough chroma, fine luma", {"what": "ycbcr", "luma": "6", "dither": "none", "source": "flower"}),
        Try("Where it errs", {"view": "error", "bits": "3"}),
    ),
    number=Number("dB", psnr_of, psnr_at),
    compared="wipe",
    rank=20,
)
