"""The film of two versions of a picture, split by a divider; its pictures are named, and come from wherever a caller has them."""

from __future__ import annotations

from collections.abc import Callable

from quantlab.film import Json, Strip, header_of, pack, unpack, with_header
from quantlab.images import DITHERS
from quantlab.labs.image.levels import ORIGINAL, ImageLevels
from quantlab.labs.image.words import level_title

_VIEWS = {"original": "Original", "plain": "No dither", "error": "Error", "ssim": "SSIM map"}


def wipe_views(dithered: bool) -> dict[str, str]:
    """The views that the canvas can show beside the quantized picture: without a dither there is none to leave out."""
    return {slug: title for slug, title in _VIEWS.items() if dithered or slug != "plain"}


def usual_view(dithered: bool) -> str:
    """The view that the canvas opens with."""
    return "plain" if dithered else "original"


def wipe_film(levels: ImageLevels, plain: ImageLevels | None, kind: str = "wipe") -> bytes:
    """The film of a state. plain : the same recipe without its dither. kind : "wipe", or "row" for a row of its pixels.

    Its header names pictures: "quantized/original", "quantized/3" and "plain/3" for level number 3. Where tables make a level
    of the original, they lie in its payload.
    """
    payload, sides = b"", {}
    for name, one in (("quantized", levels), ("plain", plain)):
        if one is not None:
            sides[name] = _side(name, one, len(payload))
            payload += b"" if one.tables is None else one.tables.tobytes()
    height, width = levels.size
    header: Json = header_of(Strip(levels.labels), kind) | {
        "words": [level_title(levels, i) for i in range(len(levels.labels))],
        "width": width,
        "height": height,
        "original": f"quantized/{ORIGINAL}",
        "sides": sides,
        "ssim": [],
        "views": [list(view) for view in wipe_views(plain is not None).items()],
        "view": usual_view(plain is not None),
        "quantized": DITHERS[levels.recipe.dither].title if plain is not None else "Quantized",
        "alt": "The picture before and after quantization, split by a divider that moves",
    }
    return pack(header, payload)


def with_maps(film: bytes, count: int) -> bytes:
    """The film once the SSIM maps "ssim/0", "ssim/1", ... are known."""
    return with_header(film, ssim=[f"ssim/{i}" for i in range(count)])


def with_addresses(film: bytes, address: Callable[[str], str]) -> bytes:
    """The film with an address in place of each picture's name."""
    header, payload = unpack(film)
    header["original"] = address(header["original"])
    header["ssim"] = [address(name) for name in header["ssim"]]
    for side in header["sides"].values():
        if "urls" in side:
            side["urls"] = [address(name) for name in side["urls"]]
    return pack(header, payload)


def _side(name: str, levels: ImageLevels, offset: int) -> Json:
    """Names of pictures, or where in the payload the tables (levels, 256, C) lie that make them of the original."""
    if levels.tables is None:
        return {"urls": [f"{name}/{i}" for i in range(len(levels.labels))]}
    return {"offset": offset, "channels": levels.tables.shape[2]}
