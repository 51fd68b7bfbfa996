"""A photo that was taken before the camera gave its first frame."""

import io

import numpy as np
import pytest
from PIL import Image

from quantlab.labs.image.subject import image_of
from quantlab.sources.uploads import UPLOADS


def photo(value: int) -> str:
    content = io.BytesIO()
    Image.fromarray(np.full((48, 64, 3), value, np.uint8)).save(content, "PNG")
    return UPLOADS.add("photo.png", content.getvalue(), "somebody", "")


def test_a_black_photo_is_told_with_the_remedy_and_a_black_file_is_a_picture():
    with pytest.raises(ValueError, match="is black: clear it, wait"):
        image_of({"source": "webcam", "file": photo(0)})
    assert image_of({"source": "upload", "file": photo(0)}).picture.max() == 0
    assert image_of({"source": "webcam", "file": photo(60)}).picture.max() == 60
