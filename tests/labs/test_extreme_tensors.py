"""The tensor lab stands on finite values of any size: no NaN in a film, no word of it, no overflow on the way."""

import io
import warnings

import numpy as np
import pytest

from quantlab.labs.catalog import LABS
from quantlab.progress import finish
from quantlab.sources.uploads import UPLOADS

from ..laws.test_extremes import TENSORS


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["int-symmetric", "int-asymmetric", "kmeans", "nf4", "mx", "gguf", "float", "log"])
@pytest.mark.parametrize("what", TENSORS)
def test_finite_values_of_any_size_are_shown(what, scheme):
    data = io.BytesIO()
    np.save(data, TENSORS[what])
    address = LABS["tensor"].read({"source": "upload", "file": UPLOADS.add("x.npy", data.getvalue()), "scheme": scheme})
    assert not address.problems and not address.notices
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = finish(LABS["tensor"].show(address))
    assert not [view for view, film in result.films.items() if b"NaN" in film]
    for label in result.labels:
        assert "nan" not in result.words(label).casefold() and "inf " not in result.words(label)
