"""Hypothesis profiles: `dev` looks for new counterexamples, `ci` repeats the same ones, `thorough` is for a night.

Choose one with HYPOTHESIS_PROFILE; `ci` is taken where the variable CI is set.
"""

import os

from hypothesis import HealthCheck, settings

_usual = {
    "deadline": None,
    "print_blob": True,
    "suppress_health_check": [HealthCheck.too_slow, HealthCheck.differing_executors],
}
settings.register_profile("dev", max_examples=12, **_usual)
settings.register_profile("ci", max_examples=12, derandomize=True, **_usual)
settings.register_profile("thorough", max_examples=300, **_usual)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "dev"))
