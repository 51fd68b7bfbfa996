"""PSNR at a viewing distance: how far a frame is from its original for an eye that cannot tell single pixels apart.

The light of neighbouring pixels adds up in the eye: both pictures are turned into linear light, low-passed by a Gaussian
of sigma pixels, and turned back; PSNR then compares what is left. Dither loses in the plain PSNR, which compares pixel by
pixel, and wins in this one. A sigma of two pixels, each a quarter of a millimetre wide, is a minute of arc from 1.7 m.
"""

from __future__ import annotations

import numpy as np

from quantlab.images.light import to_linear, to_srgb
from quantlab.images.numbers import psnr_db

SIGMA = 2.0  # pixels
_EVERY = 2  # low-passed, every other pixel of every other row says it all


def at_viewing_distance(picture: np.ndarray) -> np.ndarray:
    """uint8 (H, W, 3) low-passed in linear light, as sRGB values 0 to 255, float32 (about H / 2, about W / 2, 3)."""
    from scipy.ndimage import gaussian_filter1d

    down = gaussian_filter1d(to_linear(picture), SIGMA, axis=0, truncate=3)[::_EVERY]
    return to_srgb(gaussian_filter1d(down, SIGMA, axis=1, truncate=3)[:, ::_EVERY])


def psnr_from_afar(picture: np.ndarray, frame: np.ndarray) -> float:
    """PSNR in dB of two pictures uint8 (H, W, 3), both from a distance.

    >>> checks = np.indices((16, 16)).sum(axis=0)[..., None] % 2 * np.full(3, 255)  # black and white pixels in turn
    >>> grey = np.full((16, 16, 3), 188)  # of the same light: half of white's
    >>> round(psnr_from_afar(grey.astype(np.uint8), checks.astype(np.uint8)))
    49
    """
    return psnr_of_distant(at_viewing_distance(picture), frame)


def psnr_of_distant(distant: np.ndarray, frame: np.ndarray) -> float:
    """The same, of a picture that is already ``at_viewing_distance``, as one that many frames are compared with."""
    difference = at_viewing_distance(frame) - distant
    return psnr_db(float(np.mean(difference.astype(np.float64) ** 2)))
