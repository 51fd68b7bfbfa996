"""Does what stands beside the pixels never condemn a picture, and is all that is done to the pixels said, and nothing else?"""

import io
import struct
import time
import zlib

import numpy as np
import pytest
from PIL import Image, ImageCms
from skimage import data

from quantlab.sources.picture_files import load_picture
from quantlab.sources.picture_parts import MAX_SCANS, orientation

from .pictures_written import chunk, png16, profile, with_chunks

PICTURE = np.ascontiguousarray(data.astronaut()[:64, 200:248])  # 64 rows, 48 columns
UNREADABLE = "Its EXIF cannot be read, so it stands as its pixels lie in the file."
LOSSLESS = {"PNG": {}, "WEBP": {"lossless": True}, "JPEG": {"quality": 100, "subsampling": 0}}


def saved(kind: str, image=PICTURE, **options) -> bytes:
    file = io.BytesIO()
    Image.fromarray(image).save(file, kind, **{**LOSSLESS[kind], **options})
    return file.getvalue()


def exif(value: int, order: str = ">") -> bytes:
    start = {">": b"MM\0*", "<": b"II*\0"}[order] + struct.pack(order + "I", 8)
    field = struct.pack(order + "HHI", 0x0112, 3, 1) + struct.pack(order + "HH", value, 0)
    return start + struct.pack(order + "H", 1) + field + bytes(4)


PNG = saved("PNG")
JUNK = bytes(range(256))
BESIDE = {
    "compressed text of 2 MB": chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(2 << 20))),
    "compressed text that is none": chunk(b"zTXt", b"Comment\0\0nothing of zlib"),
    "international text of 2 MB": chunk(b"iTXt", b"Comment\0\1\0\0\0" + zlib.compress(bytes(2 << 20))),
    "a long text": chunk(b"tEXt", b"Comment\0" + b"x" * (2 << 20)),
    "a text with a wrong checksum": chunk(b"tEXt", b"Comment\0hello", crc=1),
    "a time of wrong length": chunk(b"tIME", b"1"),
    "a density of wrong length": chunk(b"pHYs", b"1"),
    "a gamma of wrong length": chunk(b"gAMA", b"1"),
    "whites that are short": chunk(b"cHRM", b"123"),
    "a chunk that nobody knows": chunk(b"quLb", JUNK),
    "an animation that is none": chunk(b"acTL", struct.pack(">II", 1, 0)) + chunk(b"fcTL", b"short") + chunk(b"fdAT", b"x"),
    "a histogram": chunk(b"hIST", b"1"),
}


@pytest.mark.parametrize("beside", BESIDE.values(), ids=list(BESIDE))
def test_what_stands_beside_the_pixels_of_a_png_does_not_condemn_it(beside):
    for content in (with_chunks(PNG, beside), PNG[:-12] + beside + PNG[-12:], PNG + beside):
        picture = load_picture("p.png", content)
        assert np.array_equal(picture.array, PICTURE) and picture.notes == ()


@pytest.mark.parametrize(
    "bad",
    [b"", b"MM", JUNK, b"MM\0*" + struct.pack(">I", 10**6), b"Exif\0\0II*\0\xff\xff\xff\xff"],
    ids=["empty", "short", "junk", "far", "far, marked"],
)
@pytest.mark.parametrize("kind", ["PNG", "WEBP", "JPEG"])
def test_an_unreadable_exif_is_said_and_the_picture_shown(kind, bad):
    if kind == "PNG":
        content = with_chunks(PNG, chunk(b"eXIf", bad))
    elif kind == "WEBP":
        content = webp_with(b"EXIF", bad)
    else:
        body = b"Exif\0\0" + bad
        jpeg = saved("JPEG")
        content = jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + jpeg[2:]
    picture = load_picture("p." + kind.lower(), content)
    assert np.abs(picture.array.astype(int) - PICTURE).max() <= (20 if kind == "JPEG" else 0)
    assert picture.notes == (() if not bad and kind != "JPEG" else (UNREADABLE,))


def webp_with(name: bytes, body: bytes) -> bytes:
    """A lossless WebP with a canvas header, and one more chunk at its end."""
    plain = saved("WEBP")
    flag = {b"EXIF": 8, b"ICCP": 0x20, b"XMP ": 4}[name]
    canvas = b"VP8X" + struct.pack("<I", 10) + bytes([flag, 0, 0, 0]) + (47).to_bytes(3, "little") + (63).to_bytes(3, "little")
    more = name + struct.pack("<I", len(body)) + body + bytes(len(body) % 2)
    inside = b"WEBP" + canvas + (more + plain[12:] if name == b"ICCP" else plain[12:] + more)
    return b"RIFF" + struct.pack("<I", len(inside)) + inside


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "JPEG"])
@pytest.mark.parametrize("value", [0, 1, 6, 9, 65535])
@pytest.mark.parametrize("order", "<>")
def test_a_turn_is_said_where_it_was_made_and_only_there(kind, value, order):
    picture = load_picture("p." + kind.lower(), saved(kind, exif=b"Exif\0\0" + exif(value, order)))
    assert picture.array.shape == ((48, 64, 3) if value == 6 else (64, 48, 3))
    assert picture.notes == (("It was turned as its EXIF orientation says.",) if value == 6 else ())


def test_an_exif_of_many_tags_costs_nothing_and_says_nothing_on_stderr(capfd):
    entry = struct.pack(">HHII", 0x9999, 99, 2**31, 2**31)
    many = b"MM\0*" + struct.pack(">IH", 8, 65535) + 65535 * entry
    began = time.process_time()
    picture = load_picture("p.png", with_chunks(PNG, chunk(b"eXIf", many)))
    assert time.process_time() - began < 1 and np.array_equal(picture.array, PICTURE) and picture.notes == ()
    assert capfd.readouterr().err == ""
    assert orientation(many[:-12] + struct.pack(">HHIHH", 0x0112, 3, 1, 3, 0)) == 3


def test_a_progressive_jpeg_of_thousands_of_scans_is_refused_before_it_is_decoded(monkeypatch):
    jpeg = saved("JPEG", progressive=True)
    assert load_picture("p.jpg", jpeg).array.shape == PICTURE.shape
    scan = jpeg[jpeg.rfind(b"\xff\xda") : -2]
    monkeypatch.setattr(Image, "open", lambda *a, **k: pytest.fail("opened"))
    with pytest.raises(ValueError, match=f"more than {MAX_SCANS} scans"):
        load_picture("p.jpg", jpeg[:-2] + scan * 3000 + jpeg[-2:])


# ---- 16 bits


DEEP = np.random.default_rng(0).integers(0, 65536, (64, 48, 4), np.uint16)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_sixteen_bits_are_rounded_whatever_the_channels(channels):
    deep = DEEP[..., :channels].copy()
    flat = np.rint(deep / 257)
    if channels in (2, 4):
        deep[..., -1] = flat[..., -1] = 65535
        flat[..., -1] = 255
    picture = load_picture("p.png", png16(deep))
    assert np.array_equal(picture.array, np.broadcast_to(flat[..., : 1 if channels < 3 else 3], (64, 48, 3)))
    assert picture.notes == ("Its 16 bits a channel were rounded to 8.",)


@pytest.mark.parametrize("channels", [1, 3])
def test_a_transparent_value_of_sixteen_bits_is_compared_in_sixteen_bits(channels):
    deep = np.full((8, 8, channels), 0x1234, np.uint16)
    deep[0, 0] += 1  # the same in 8 bits
    picture = load_picture("p.png", png16(deep, chunk(b"tRNS", struct.pack(">H", 0x1234) * channels)))
    assert (picture.array[0, 0] == 0x12).all() and (picture.array[1:] == 255).all()


# ---- colours


ADOBE = np.array([[0.60974, 0.31111, 0.01947], [0.20528, 0.62567, 0.06087], [0.14919, 0.06322, 0.74457]])  # under D50, Lindbloom
SRGB = np.array([[0.4360747, 0.2225045, 0.0139322], [0.3850649, 0.7168786, 0.0971045], [0.1430804, 0.0606169, 0.7141733]])
WIDE = profile(ADOBE, 2.19921875)


def oracle(pixels: np.ndarray) -> np.ndarray:
    """Adobe RGB to sRGB by the definitions: gamma, two matrices, IEC 61966-2-1's curve."""
    linear = (pixels / 255) ** 2.19921875 @ ADOBE @ np.linalg.inv(SRGB)
    linear = linear.clip(0, 1)
    return 255 * np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "JPEG"])
def test_wide_colours_are_converted_and_said(kind):
    picture = load_picture("p." + kind.lower(), saved(kind, icc_profile=WIDE))
    assert np.abs(picture.array - oracle(PICTURE)).max() <= (1.6 if kind != "JPEG" else 25)
    assert np.abs(picture.array.astype(int) - PICTURE).max() > 10
    assert picture.notes == ("Its colours were converted from its profile, 'Wide', to sRGB.",)


def test_transparent_and_grey_and_deep_pictures_of_wide_colours_are_converted_too():
    alpha = np.full((64, 48, 1), 128, np.uint8)
    seen = load_picture("p.png", saved("PNG", np.dstack((PICTURE, alpha)), icc_profile=WIDE)).array
    assert np.abs(seen - (255 + 128 / 255 * (oracle(PICTURE) - 255))).max() <= 2
    packed = chunk(b"iCCP", b"w\0\0" + zlib.compress(WIDE))
    deep = load_picture("p.png", png16(PICTURE.astype(np.uint16) * 257, packed)).array
    assert np.abs(deep - oracle(PICTURE)).max() <= 1.6
    grey = np.ascontiguousarray(PICTURE[..., 0])
    assert np.abs(load_picture("p.png", saved("PNG", grey, icc_profile=WIDE)).array - oracle(np.repeat(grey[..., None], 3, 2))).max() <= 1.6


@pytest.mark.parametrize("icc", [ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()])
@pytest.mark.parametrize("kind", ["PNG", "WEBP", "JPEG"])
def test_a_profile_that_says_srgb_changes_nothing_and_is_not_worth_a_note(kind, icc):
    plain, picture = (load_picture("p." + kind.lower(), saved(kind, **options)) for options in ({}, {"icc_profile": icc}))
    assert np.array_equal(plain.array, picture.array) and picture.notes == ()


BAD = {
    "junk": chunk(b"iCCP", b"w\0\0" + zlib.compress(JUNK)),
    "not zlib": chunk(b"iCCP", b"w\0\0" + JUNK),
    "wrong checksum": chunk(b"iCCP", b"w\0\0" + zlib.compress(WIDE), crc=7),
    "cut off": chunk(b"iCCP", b"w\0\0" + zlib.compress(WIDE)[:-9]),
    "a bomb": chunk(b"iCCP", b"w\0\0" + zlib.compress(bytes(64 << 20))),
    "2 MB of nothing": chunk(b"iCCP", b"w\0\0" + zlib.compress(bytes(2 << 20))),
}


@pytest.mark.parametrize("bad", BAD.values(), ids=list(BAD))
def test_a_profile_that_cannot_be_read_is_said_and_the_picture_shown(bad):
    picture = load_picture("p.png", with_chunks(PNG, bad))
    assert np.array_equal(picture.array, PICTURE)
    assert len(picture.notes) == 1 and "profile cannot be read" in picture.notes[0]


def test_a_profile_for_other_channels_is_left_out_and_said():
    cmyk = bytearray(WIDE)
    cmyk[16:20] = b"GRAY"
    picture = load_picture("p.png", saved("PNG", icc_profile=bytes(cmyk)))
    assert np.array_equal(picture.array, PICTURE) and "profile" in picture.notes[0]


def test_a_profile_of_more_than_a_megabyte_is_applied():
    padded = bytearray(WIDE + bytes(3 << 20))
    padded[:4] = struct.pack(">I", len(padded))
    picture = load_picture("p.png", with_chunks(PNG, chunk(b"iCCP", b"w\0\0" + zlib.compress(bytes(padded)))))
    assert np.abs(picture.array - oracle(PICTURE)).max() <= 1.6


@pytest.mark.parametrize(("name", "body"), [(b"gAMA", struct.pack(">I", 100_000)), (b"cICP", b"\x0c\x0d\x00\x01")])
def test_colours_described_otherwise_are_not_left_out_silently(name, body):
    assert "left out of account" in load_picture("p.png", with_chunks(PNG, chunk(name, body))).notes[0]
    assert load_picture("p.png", with_chunks(PNG, chunk(b"gAMA", struct.pack(">I", 45455)))).notes == ()


def test_a_mutated_picture_is_read_or_refused_and_nothing_else():
    rng = np.random.default_rng(5)
    for kind in ("PNG", "WEBP", "JPEG"):
        whole = saved(kind, icc_profile=WIDE, exif=exif(6))
        for _ in range(200):
            content = bytearray(whole)
            for at in rng.integers(12, min(len(whole), 700), 3):
                content[at] = rng.integers(256)
            try:
                load_picture("p", bytes(content))
            except ValueError as error:
                assert type(error).__name__ == "Refused" and str(error).endswith(".")
