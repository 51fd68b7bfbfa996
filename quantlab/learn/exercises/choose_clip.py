"""Which of three clips has the least error?"""

from __future__ import annotations

import numpy as np

from quantlab.learn.exercises._numbers import listed, n
from quantlab.learn.exercises.base import Asked, Exercise, Problem


def make(rng: np.random.Generator) -> Problem:
    while True:
        x = np.round(np.append(rng.uniform(0.5, 1.6, 5) * rng.choice([-1, 1], 5), rng.uniform(2.4, 3.4)), 1)
        clips = (0.4, 1.2, float(np.abs(x).max()))
        errors = [float(np.mean((x - clip * np.rint(np.clip(x / clip, -1, 1))) ** 2)) for clip in clips]
        if np.argmin(errors) == 1 and sorted(errors)[1] > 1.15 * min(errors):
            break
    return Problem(
        f"At 2 bits a symmetric grid has the levels −c, 0 and c. The values are {listed(x)}; c may be {listed(clips)}. With which c is the mean square error least, "
        "and how large is it then?",
        (Asked("c", clips[1], 1e-6), Asked("MSE", errors[1], 0.006)),
        (
            "A value goes to the nearest of the three levels.",
            "A small c clips, a large one rounds coarsely.",
            "Square every error and take the mean, for each c.",
        ),
        f"The mean square errors are {listed(np.round(errors, 4))}: the least belongs to c = **{n(clips[1])}**, **{n(errors[1], 4)}**.",
        {
            "clips-nothing": (clips[2], errors[2]),
            "finest-steps": (clips[0], errors[0]),
            "root-forgotten": (clips[1], float(np.sqrt(errors[1]))),
        },
    )


EXERCISE = Exercise("choose-clip", "Where to clip", "Errors", 170, make, "tensor?calibrator=mse&bits=2")
