"""Are the pictures that can be picked sound, and is every upload read correctly or refused in one sentence?"""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image
from skimage import data

from quantlab.sources.picture_claims import webp_size
from quantlab.sources.picture_files import KINDS, fit, load_picture
from quantlab.sources.pictures import PICTURES

PICTURE = np.ascontiguousarray(data.astronaut()[:64, 200:248])  # 64 rows, 48 columns
every_picture = pytest.mark.parametrize("slug", PICTURES)
every_kind = pytest.mark.parametrize("kind", KINDS)
LOSSLESS = {"PNG": {}, "WEBP": {"lossless": True}, "JPEG": {"quality": 100, "subsampling": 0}}


def saved(image, kind: str, **options) -> bytes:
    file = io.BytesIO()
    image = image if isinstance(image, Image.Image) else Image.fromarray(image)
    image.save(file, kind, **options)
    return file.getvalue()


def refusal(name: str, content) -> str:
    with pytest.raises(ValueError) as error:
        load_picture(name, content)
    text = str(error.value)
    assert text.endswith(".") and "\n" not in text and ": " in text and len(text) < 300, text
    return text


def close(a: np.ndarray, b: np.ndarray, kind: str) -> bool:
    return np.array_equal(a, b) if kind != "JPEG" else a.shape == b.shape and np.abs(a.astype(int) - b).mean() < 2


# ---- built in


def test_there_are_ten_photographs_and_more():
    assert sum("formula" not in source.origin for source in PICTURES.values()) >= 10


@every_picture
@pytest.mark.parametrize("side", [64, 512])
def test_a_picture_is_rgb_bytes_within_the_side_asked_for_and_says_where_it_is_from(slug, side):
    source = PICTURES[slug]
    picture = source.make(side)
    assert source.slug == slug and source.title and source.blurb.endswith(".") and source.origin
    assert picture.dtype == np.uint8 and picture.ndim == 3 and picture.shape[2] == 3
    assert max(picture.shape) <= side
    assert np.array_equal(picture, source.make(side))


def test_a_side_below_eight_is_refused():
    with pytest.raises(ValueError, match="max_side=7"):
        PICTURES["moon"].make(7)


def test_the_ramp_has_every_byte_and_the_zone_plate_is_the_same_seen_from_all_sides():
    assert len(np.unique(PICTURES["gradient"].make(512)[0, :, 0])) == 256
    plate = PICTURES["zone-plate"].make(512)[1:, 1:, 0]
    assert np.array_equal(plate, plate.T) and np.array_equal(plate, plate[::-1])
    assert plate[0, 0] in (0, 255) or plate.min() == 0


# ---- uploads that are read


@every_kind
@pytest.mark.parametrize("form", ["bytes", "stream", "path"])
def test_each_kind_is_read_as_it_was_saved(kind, form, tmp_path):
    content = saved(PICTURE, kind, **LOSSLESS[kind])
    name = "photo" + KINDS[kind][1][0]
    path = tmp_path / name
    path.write_bytes(content)
    picture = load_picture(name, {"bytes": content, "stream": io.BytesIO(content), "path": path}[form])
    assert close(picture.array, PICTURE, kind) and picture.array.dtype == np.uint8
    assert picture.notes == ()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    turned = {1: lambda a: a, 2: np.fliplr, 3: lambda a: np.rot90(a, 2), 4: np.flipud, 5: lambda a: a.swapaxes(0, 1),
              6: lambda a: np.rot90(a, -1), 7: lambda a: np.rot90(a, 2).swapaxes(0, 1), 8: np.rot90}[orientation]  # fmt: skip
    picture = load_picture("p.jpg", saved(PICTURE, "JPEG", exif=exif, **LOSSLESS["JPEG"]))
    assert close(picture.array, turned(PICTURE), "JPEG")  # oracle: EXIF 2.3, tag 0x0112
    assert any("orientation" in note for note in picture.notes) == (orientation != 1)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_what_is_transparent_is_laid_on_white(kind):
    alpha = np.linspace(0, 255, 48).astype(np.uint8)[None, :, None] + np.zeros((64, 1, 1), np.uint8)
    picture = load_picture("p." + kind.lower(), saved(np.dstack((PICTURE, alpha)), kind, exact=True, **LOSSLESS[kind]))
    expected = 255 + alpha / 255.0 * (PICTURE.astype(float) - 255)  # the definition of "over white"
    assert np.abs(picture.array - expected).max() <= 1
    assert picture.notes == ("What is transparent was laid on white.",)


def test_an_opaque_alpha_is_not_worth_a_note():
    assert load_picture("p.png", saved(np.dstack((PICTURE, np.full((64, 48), 255, np.uint8))), "PNG")).notes == ()


def test_a_palette_with_transparency_is_laid_on_white():
    image = Image.fromarray(PICTURE).quantize(16)
    content = saved(image, "PNG", transparency=3)
    picture = load_picture("p.png", content)
    expected = np.asarray(image.convert("RGB")).copy()
    expected[np.asarray(image) == 3] = 255
    assert np.array_equal(picture.array, expected)
    assert picture.notes == ("What is transparent was laid on white.",)


def test_sixteen_bit_grey_is_scaled_and_said():
    deep = (np.arange(64 * 48, dtype=np.uint16) * 21).reshape(64, 48)
    picture = load_picture("p.png", saved(Image.fromarray(deep), "PNG"))
    assert np.array_equal(picture.array[..., 1], np.rint(deep / 257))
    assert picture.notes == ("Its 16 bits a channel were rounded to 8.",)


def test_sixteen_bit_colour_is_reduced_and_said():
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    deep = PICTURE.astype(">u2") * 257
    rows = b"".join(b"\0" + row.tobytes() for row in deep)
    header = struct.pack(">IIBBBBB", 48, 64, 16, 2, 0, 0, 0)
    content = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    picture = load_picture("p.png", content)
    assert np.array_equal(picture.array, PICTURE)
    assert picture.notes == ("Its 16 bits a channel were rounded to 8.",)


def test_cmyk_is_converted_and_said():
    picture = load_picture("p.jpg", saved(Image.fromarray(PICTURE).convert("CMYK"), "JPEG", quality=100, subsampling=0))
    assert np.abs(picture.array.astype(int) - PICTURE).mean() < 3
    assert "CMYK" in picture.notes[0]


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_every_mode_of_png_becomes_rgb(mode):
    array = load_picture("p.png", saved(Image.fromarray(PICTURE).convert(mode), "PNG")).array
    assert np.array_equal(array, np.asarray(Image.fromarray(PICTURE).convert(mode).convert("RGB")))


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_of_an_animation_the_first_frame_is_used_and_said(kind):
    others = [Image.fromarray(255 - PICTURE), Image.fromarray(PICTURE // 2)]
    picture = load_picture("p." + kind.lower(), saved(PICTURE, kind, save_all=True, append_images=others, **LOSSLESS[kind]))
    assert np.array_equal(picture.array, PICTURE)
    assert picture.notes == ("Only the first of its 3 frames is used.",)


def test_a_wrong_extension_is_read_by_content_and_said():
    picture = load_picture("p.jpg", saved(PICTURE, "PNG"))
    assert np.array_equal(picture.array, PICTURE)
    assert picture.notes == ("It is a PNG file, other than its name says.",)


# ---- uploads that are refused


STRANGERS = {
    "text": b"hello, I am text" * 9,
    "gif": saved(PICTURE, "GIF"),
    "tiff": saved(PICTURE, "TIFF"),
    "pdf": b"%PDF-1.7" + bytes(99),
    "zeros": bytes(99),
}


@pytest.mark.parametrize("name", ["p.png", "p.jpg", "p.webp"])
@pytest.mark.parametrize("content", STRANGERS.values(), ids=list(STRANGERS))
def test_what_is_no_picture_of_a_known_kind_is_refused(name, content):
    named = "is a PDF document" if content.startswith(b"%PDF") else "neither PNG, JPEG nor WebP"
    assert named in refusal(name, content)


def test_an_empty_file_is_refused():
    assert "empty" in refusal("p.png", b"")


@every_kind
@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.95])
def test_a_truncated_file_is_refused(kind, share):
    content = saved(PICTURE, kind)
    assert "ends too early or is damaged" in refusal("p." + kind.lower(), content[: max(13, int(share * len(content)))])


@every_kind
def test_no_damaged_file_raises_anything_but_a_refusal(kind):
    content = saved(PICTURE, kind)
    rng = np.random.default_rng(3)
    for _ in range(150):
        broken = bytearray(content)
        for at in rng.integers(13, len(content), rng.integers(1, 6)):
            broken[at] = rng.integers(256)
        try:
            assert load_picture("p." + kind.lower(), bytes(broken)).array.shape[2] == 3
        except ValueError as error:
            assert str(error).endswith(".") and str(error).startswith("'p.")


@pytest.mark.parametrize("shape", [(1, 1), (1, 60_000), (60_000, 1), (7, 100), (8, 2000)], ids=lambda s: f"{s[1]}x{s[0]}")
@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_sliver_is_refused_with_its_size(kind, shape):
    text = refusal("p." + kind.lower(), saved(np.zeros((*shape, 3), np.uint8), kind))
    assert f"{shape[1]}×{shape[0]}" in text


def png_that_claims(width: int, height: int) -> bytes:
    body = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    start = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + body + struct.pack(">I", zlib.crc32(body))
    data = b"IDAT" + zlib.compress(bytes(1000))
    return start + struct.pack(">I", len(data) - 4) + data + struct.pack(">I", zlib.crc32(data))


def webp_that_claims(width: int, height: int) -> bytes:
    body = b"VP8X" + struct.pack("<I", 10) + bytes(4) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body + bytes(200)


@pytest.mark.parametrize("bomb", [png_that_claims, webp_that_claims], ids=["png", "webp"])
@pytest.mark.parametrize("side", [6400, 12_000, 16_000])
def test_a_decompression_bomb_is_refused_before_anything_is_set_aside_for_it(bomb, side, monkeypatch):
    monkeypatch.setattr(Image.Image, "load", lambda self: pytest.fail("decoded"))
    assert "40 million" in refusal("p." + bomb.__name__.split("_")[0], bomb(side, side))


def test_a_webp_bomb_never_reaches_pillow(monkeypatch):
    monkeypatch.setattr(Image, "open", lambda *a, **k: pytest.fail("opened"))
    assert "40 million" in refusal("p.webp", webp_that_claims(16_000, 16_000))


MORE = {"save_all": True, "append_images": [Image.new("RGB", (48, 64))]}


@pytest.mark.parametrize("options", [{"lossless": True}, {"quality": 50}, {"quality": 50} | MORE], ids=["VP8L", "VP8", "VP8X"])
def test_the_size_in_a_webps_header_is_read_as_pillow_reads_it(options):
    content = saved(PICTURE, "WEBP", **options)
    assert webp_size(content[:32]) == Image.open(io.BytesIO(content)).size == (48, 64)


def test_forty_megapixels_are_taken_and_scaled_for_show():
    content = saved(Image.new("L", (8000, 5000), 99), "PNG", compress_level=1)
    picture = load_picture("p.png", content)
    assert picture.array.shape == (5000, 8000, 3)
    small = fit(picture.array, 512)
    assert small.shape == (320, 512, 3) and (small == 99).all()


def test_a_name_from_outside_is_shown_quoted_and_cut():
    assert len(refusal("x" * 5000 + "\n.png", b"nothing to see here")) < 250
