"""Colours of an embedded profile (ICC) as sRGB, by Pillow's ImageCms (Little CMS), relative colorimetric.

A profile that says the same as sRGB, seen on a grid of colours, changes nothing and is not worth a note; one that cannot be read, or that
is for other channels than the picture has, is left out with one.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np

from quantlab.sources.picture_parts import UNREADABLE_PROFILE
from quantlab.sources.upload import show

if TYPE_CHECKING:
    from PIL import Image

_MODES = {"RGB ": "RGB", "GRAY": "L", "CMYK": "CMYK"}  # colour space of a profile -> Pillow's mode


def to_srgb(image: Image.Image, profile: bytes, notes: list[str]) -> Image.Image:
    """The image (L, RGB or CMYK) in sRGB, mode RGB; what was done is added to ``notes``, the image as it is where nothing was."""
    from PIL import ImageCms

    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        mode = _MODES.get(str(source.profile.xcolor_space), "")
        if mode == "RGB" and image.mode == "L":  # greys of a profile for colours
            image = image.convert("RGB")
        if mode != image.mode:
            notes.append(f"Its colour profile is for other channels than the picture has and was left out of account: {_TAKEN}")
            return image
        transform = ImageCms.buildTransform(
            source, ImageCms.createProfile("sRGB"), mode, "RGB", renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC
        )
        if mode != "CMYK" and _is_srgb(transform, mode):
            return image
        name = " ".join(ImageCms.getProfileDescription(source).split()) or "its own profile"
        converted = ImageCms.applyTransform(image, transform)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):  # what Little CMS cannot read
        notes.append(UNREADABLE_PROFILE)
        return image
    if converted is None:  # only where the image itself was to be changed
        return image
    notes.append(f"Its colours were converted from its profile, {show(name)}, to sRGB.")
    return converted


_TAKEN = "its colours are taken as sRGB."


def _is_srgb(transform: object, mode: str) -> bool:
    """Whether no colour of a grid moves by more than rounding."""
    from PIL import Image, ImageCms

    steps = np.arange(0, 256, 15, dtype=np.uint8)  # 18 a channel
    grid = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(1, -1, 3) if mode == "RGB" else np.arange(256, dtype=np.uint8)[None]
    before = Image.fromarray(grid)
    after = ImageCms.applyTransform(before, transform)  # type: ignore[arg-type]
    moved = np.asarray(after).astype(int) - np.asarray(before.convert("RGB"))
    return bool(np.abs(moved).max() <= 2)
