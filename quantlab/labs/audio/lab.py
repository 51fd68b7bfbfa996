"""At which bit depth do you stop hearing it?"""

from __future__ import annotations

from quantlab.labs.address import Table
from quantlab.labs.audio.films import VIEWS
from quantlab.labs.audio.request import PARAMETERS
from quantlab.labs.audio.result import sqnr_at, sqnr_of, tasks
from quantlab.labs.audio.subject import SUBJECT, sound_of
from quantlab.labs.lab import Lab, Number, Try

LAB = Lab(
    slug="audio",
    title="Sound",
    icon=":material/graphic_eq:",
    question="At which bit depth do you stop hearing it?",
    blurb="At which bit depth do you stop hearing it? Buzz, hiss, dither, noise shaping, and a blind test.",
    table=Table(PARAMETERS, SUBJECT, sound_of),
    views=VIEWS,
    tasks=tasks,
    tries=(
        Try("Buzz into hiss: triangular dither", {"dither": "tpdf"}),
        Try("A tone below the last bit", {"source": "faint", "bits": "9", "dither": "tpdf"}),
        Try("Noise where the ear is deaf", {"dither": "tpdf", "shaping": "ear", "bits": "8"}),
        Try("A plucked chord at 5 bits", {"source": "chord", "bits": "5"}),
        Try("Telephone: μ-law", {"source": "voice", "scheme": "mu-law", "factor": "6", "bits": "8"}),
        Try("Aliases of a sweep", {"source": "sweep", "factor": "4", "antialias": "no", "bits": "16"}),
        Try("What MP3 does", {"source": "drums", "scheme": "mdct"}),
    ),
    number=Number("dB", sqnr_of, sqnr_at),
    compared="spectrum",
    rank=30,
)
