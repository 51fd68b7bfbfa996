"""What JPEG's words take: against libjpeg's own files, and against what information theory allows."""

import io

import numpy as np
import pytest
from PIL import Image

from quantlab.images import dct
from quantlab.images.jpeg_coding import ZIGZAG, coded_bits, entropy_bits
from quantlab.sources.pictures import PICTURES

RNG = np.random.default_rng(3)


def codes_of(picture, quality, dead_zone=1.0):
    return dct.codes_of(dct.quantize_waves(dct.coefficients(picture), quality, dead_zone), quality, dead_zone)


def scan_bytes(data):
    """The entropy-coded bytes of a JPEG file: what follows the header of its scan, without stuffed zeros."""
    start = data.index(b"\xff\xda")
    start += 2 + int.from_bytes(data[start + 2 : start + 4], "big")
    return len(data[start:-2].replace(b"\xff\x00", b"\xff"))


@pytest.mark.parametrize("quality", [5, 25, 50, 75, 95])
@pytest.mark.parametrize("name", ["chelsea", "astronaut"])
def test_the_words_take_what_libjpegs_best_words_take(name, quality):
    """libjpeg's optimised tables have words of 16 bits at most, and a code for each table is left out: within 2 %."""
    picture = np.ascontiguousarray(PICTURES[name].make()[:256, :256])
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=quality, subsampling=0, optimize=True)
    assert coded_bits(codes_of(picture, quality)) / 8 == pytest.approx(scan_bytes(file.getvalue()), rel=0.02)


def test_the_zigzag_is_that_of_the_standard():
    assert ZIGZAG[:10].tolist() == [0, 1, 8, 16, 9, 2, 3, 10, 17, 24] and ZIGZAG[-1] == 63 and sorted(ZIGZAG) == list(range(64))


def by_hand(codes):
    """Symbols and further bits of every block, one wave after another, as the standard tells it."""
    total = 0
    from quantlab.storage.entropy_coding import huffman

    for planes in (codes[:1], codes[1:]):
        first, other, extra = [], [], 0
        for plane in planes:
            before = 0
            for block in plane.reshape(-1, 64)[:, ZIGZAG].tolist():
                size = abs(block[0] - before).bit_length()
                before = block[0]
                first.append(size)
                extra += size
                run = 0
                for value in block[1:]:
                    if not value:
                        run += 1
                        continue
                    while run > 15:
                        other.append(15 << 4)
                        run -= 16
                    other.append(run << 4 | abs(value).bit_length())
                    extra += abs(value).bit_length()
                    run = 0
                if run:
                    other.append(0)
        total += extra + sum(huffman(np.array(symbols)).bits_per_code * len(symbols) for symbols in (first, other))
    return total


@pytest.mark.parametrize("share", [0.0, 0.02, 0.3, 1.0])
def test_runs_are_counted_as_the_standard_tells(share):
    codes = (RNG.integers(-90, 90, (3, 3, 4, 8, 8)) * (RNG.random((3, 3, 4, 8, 8)) < share)).astype(np.int16)
    assert coded_bits(codes) == pytest.approx(by_hand(codes))


def test_entropy_is_that_of_each_wave():
    codes = np.zeros((3, 8, 8, 8, 8), np.int16)
    codes[0, :, ::2, 0, 0] = 5  # one wave of one plane has two codes, each in half of the blocks: one bit a block of 64 pixels
    assert entropy_bits(codes) == pytest.approx(1 / 64)


def test_a_dead_zone_buys_more_than_a_lower_quality_of_the_same_size():
    """Why encoders have one: at equal bits the picture is nearer to the original."""
    picture = np.ascontiguousarray(PICTURES["chelsea"].make()[:256, :256])

    def at(quality, dead_zone):
        error = np.square(dct.round_trip(picture, quality, dead_zone).astype(float) - picture).mean()
        return coded_bits(codes_of(picture, quality, dead_zone)), 10 * np.log10(255**2 / error)

    bits, psnr = at(60, 1.3)
    curve = np.array([at(quality, 1.0) for quality in range(30, 70, 4)])
    assert psnr > np.interp(bits, curve[:, 0], curve[:, 1])
