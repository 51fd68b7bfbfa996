"""Repairs after training: what each is, which go together, and the rows of an ablation; without torch.

A ``Recipe`` is a set of repairs. They are applied in the order of their places, whatever the order in which they are named:
what only rewrites the float network, what chooses the grid, what chooses the codes, and what moves the biases at last.
``engine.repair`` does it.
"""

from __future__ import annotations

from dataclasses import dataclass

WIDTHS = (8, 6, 4, 3, 2)  # bits of the weights in an ablation
ALPHA = 0.5  # of the migration from activations to weights


@dataclass(frozen=True)
class Repair:
    """A repair: what it does in one sentence, who described it.

    place : in the order of application. needs : repairs that come before it. instead : repairs that it cannot stand beside.
    rewrites : whether the float network answers the same after it, so that it does not depend on the bits.
    """

    slug: str
    title: str
    blurb: str
    source: str
    place: int
    needs: tuple[str, ...] = ()
    instead: tuple[str, ...] = ()
    rewrites: bool = False


REPAIRS: dict[str, Repair] = {
    repair.slug: repair
    for repair in (
        Repair(
            "fold",
            "Batch norm folded",
            "The norm moves into the weights before it, so that nothing is left in float between two layers.",
            "Jacob et al. 2018, arXiv:1712.05877",
            0,
            rewrites=True,
        ),
        Repair(
            "equalise",
            "Cross-layer equalisation",
            "A channel's weights shrink in one layer and grow in the next, until the channel has the same range in both.",
            "Nagel et al. 2019, arXiv:1906.04721",
            1,
            needs=("fold",),
            rewrites=True,
        ),
        Repair(
            "smooth",
            "Migration to the weights",
            "A channel's activations shrink and the weights that read them grow, so that both are easy to round.",
            "Xiao et al. 2023, arXiv:2211.10438 (SmoothQuant)",
            2,
            needs=("fold",),
            rewrites=True,
        ),
        Repair(
            "clip",
            "Least-error clip",
            "The largest weights are clipped where that makes the mean squared error of all weights least.",
            "The search is that of the calibrator `mse`",
            3,
        ),
        Repair(
            "adaround",
            "AdaRound",
            "Each weight is rounded up or down so that the layer's output moves least, not the weight.",
            "Nagel et al. 2020, arXiv:2004.10568",
            4,
            instead=("gptq",),
        ),
        Repair(
            "gptq",
            "GPTQ",
            "Weights are rounded column by column, and each column's error is made good by the columns that follow.",
            "Frantar et al. 2023, arXiv:2210.17323",
            5,
            instead=("adaround",),
        ),
        Repair(
            "bias",
            "Bias correction",
            "The mean error of every channel's output is taken from its bias.",
            "Nagel et al. 2019, arXiv:1906.04721",
            6,
            needs=("fold",),
        ),
    )
}


@dataclass(frozen=True)
class Recipe:
    """Repairs that are applied together, ordered; ValueError where they do not go together.

    >>> Recipe(("bias", "equalise")).repairs  # both need the norm folded
    ('fold', 'equalise', 'bias')
    """

    repairs: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for slug in self.repairs:
            if slug not in REPAIRS:
                raise ValueError(f"there is no repair {slug!r}; choose among {', '.join(REPAIRS)}")
        whole = set(self.repairs).union(*(REPAIRS[slug].needs for slug in self.repairs))
        ordered = tuple(sorted(whole, key=lambda slug: REPAIRS[slug].place))
        for slug in ordered:
            if clash := whole.intersection(REPAIRS[slug].instead):
                raise ValueError(f"{slug} and {min(clash)} both choose the codes of the weights; leave one of them out")
        object.__setattr__(self, "repairs", ordered)

    @property
    def title(self) -> str:
        """What a person calls it: the repairs beside folding, which all but one row has."""
        named = [REPAIRS[slug].title for slug in self.repairs if slug != "fold"]
        return " + ".join(named) if named else "Nearest" if self.repairs else "Nearest, norms apart"


NEAREST = Recipe(("fold",))  # what all others are compared with: the network as integers would run it, rounded to nearest
APART = Recipe()  # the batch norms stay in float
ALONE = tuple(Recipe(("fold", slug)) for slug in REPAIRS if slug != "fold")
TOGETHER = tuple(
    Recipe(slugs)
    for slugs in (
        ("equalise", "bias"),
        ("equalise", "clip", "bias"),
        ("equalise", "clip", "gptq", "bias"),
        ("equalise", "clip", "adaround", "bias"),
    )
)
ROWS = (NEAREST, APART, *ALONE, *TOGETHER)
