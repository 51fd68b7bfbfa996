"""Colour conversions: pixel values as light, as luma and chroma, as steps that the eye sees as even.

    linear light (IEC 61966-2-1)   c <= 0.04045: c / 12.92     else ((c + 0.055) / 1.055) ** 2.4,    c = value / 255
    YCbCr (JFIF, BT.601)           Y = 0.299 R + 0.587 G + 0.114 B,  Cb = (B - Y) / 1.772,  Cr = (R - Y) / 1.402
    CIE L*a*b* (D65, 2 degrees)    by scikit-image

Pictures are (H, W, 3) with values 0 to 255; Cb and Cr are left signed (JPEG adds 128). Nothing here is rounded.
"""

from __future__ import annotations

import numpy as np

_LUMA = np.array([0.299, 0.587, 0.114], np.float32)
TO_YCBCR = np.stack((_LUMA, (np.array([0, 0, 1], np.float32) - _LUMA) / 1.772, (np.array([1, 0, 0], np.float32) - _LUMA) / 1.402))
FROM_YCBCR = np.linalg.inv(TO_YCBCR.astype(np.float64)).astype(np.float32)


def to_linear(srgb: np.ndarray) -> np.ndarray:
    """sRGB values 0 to 255 as light 0 to 1; bytes through a table, float32.

    >>> to_linear(np.array([0, 10, 128, 255], np.uint8)).astype(float).round(4).tolist()  # half the value is a fifth of the light
    [0.0, 0.003, 0.2159, 1.0]
    """
    if srgb.dtype == np.uint8:
        return _curve(np.arange(256) / 255).astype(np.float32)[srgb]
    return _curve(np.clip(srgb, 0, 255) / 255).astype(srgb.dtype)


def _curve(c: np.ndarray) -> np.ndarray:
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def to_srgb(light: np.ndarray) -> np.ndarray:
    """Light 0 to 1 as sRGB values 0 to 255, float of light's type; outside it is clipped.

    >>> to_srgb(np.array([0.0, 0.003, 0.5, 1.0])).round(1)
    array([  0. ,   9.9, 187.5, 255. ])
    """
    light = np.clip(light, 0, 1)
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055) * 255


def to_ycbcr(rgb: np.ndarray) -> np.ndarray:
    """(..., 3): Y 0 to 255, Cb and Cr -127.5 to 127.5, float32.

    >>> to_ycbcr(np.array([255, 0, 0], np.uint8)).round(3).tolist()  # 76.245 = 0.299 * 255
    [76.24500274658203, -43.02799987792969, 127.5]
    """
    return rgb.astype(np.float32) @ TO_YCBCR.T


def from_ycbcr(ycbcr: np.ndarray) -> np.ndarray:
    """The way back, (..., 3) float32, not clipped."""
    return ycbcr.astype(np.float32) @ FROM_YCBCR.T


def to_lab(rgb: np.ndarray) -> np.ndarray:
    """(..., 3): L* 0 to 100, a* and b* within -108 to 99, float32.

    >>> to_lab(np.array([[[255, 255, 255]]], np.uint8)).round(1).ravel().tolist()[0]
    100.0
    """
    from skimage.color import rgb2lab

    return rgb2lab(rgb.astype(np.float32) / np.float32(255)).astype(np.float32)


def from_lab(lab: np.ndarray) -> np.ndarray:
    """The way back, (..., 3) float32, 0 to 255; colours that sRGB lacks are clipped."""
    from skimage.color import xyz2rgb

    fy = (lab[..., 0] + np.float32(16)) / np.float32(116)
    f = np.stack((fy + lab[..., 1] / np.float32(500), fy, fy - lab[..., 2] / np.float32(200)), axis=-1)
    xyz = np.where(f > 6 / 29, f**3, (f - np.float32(4 / 29)) * np.float32(3 * (6 / 29) ** 2))
    return xyz2rgb(xyz * _white()) * np.float32(255)


def _white() -> np.ndarray:
    from skimage.color import xyz_tristimulus_values

    return xyz_tristimulus_values(illuminant="D65", observer="2").astype(np.float32)
