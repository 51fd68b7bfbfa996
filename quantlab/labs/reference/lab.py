"""Which levels does each scheme choose, and what do bits say?"""

from __future__ import annotations

from quantlab.labs.address import Table
from quantlab.labs.lab import Lab
from quantlab.labs.reference.request import PARAMETERS
from quantlab.labs.reference.result import tasks
from quantlab.labs.reference.views import VIEWS

LAB = Lab(
    slug="reference",
    title="Reference",
    icon=":material/menu_book:",
    question="Which levels does each scheme choose, and what do bits say?",
    blurb="Which levels does each scheme choose, and what do the bits of a number say?",
    table=Table(PARAMETERS),
    views={name: view.meaning for name, view in VIEWS.items()} | {"words": "what is to be said, in words"},
    tasks=tasks,
    section="Look up",
    rank=58,
)
