"""Is the compiled loop the textbook's loop over pixels, number for number, and as good as Pillow's?"""

import numpy as np
import pytest
from PIL import Image
from skimage import data

from quantlab.images.diffusion import diffuse
from quantlab.images.kernels import KERNELS

every_kernel = pytest.mark.parametrize("kernel", KERNELS.values(), ids=list(KERNELS))

# Printed forms (X is the pixel): Floyd and Steinberg 1976; Atkinson; Jarvis, Judice and Ninke 1976.
PRINTED = {
    "floyd-steinberg": (16, "..X7. .351."),
    "atkinson": (8, "..X11 .111. ..1.."),
    "jarvis-judice-ninke": (48, "..X75 35753 13531"),
}


def uniform_tables(widths, channels: int) -> np.ndarray:
    """b bits: 2^b even levels from 0 to 255, rounded; (L, 256, C)."""
    steps = [2**b - 1 for b in widths]
    tables = np.stack([np.rint(np.rint(np.arange(256) / 255 * n) / n * 255) for n in steps])
    return np.repeat(tables[:, :, None], channels, axis=2)


def loop(u, table, slug, strength=1.0, serpentine=False):
    """The oracle: one level, a Python loop over pixels, float64, straight from the printed kernel."""
    divisor, rows = PRINTED[slug]
    shares = [(i - 2, dy, int(c) / divisor) for dy, row in enumerate(rows.split()) for i, c in enumerate(row) if c.isdigit()]
    height, width, channels = u.shape
    v, out = u.astype(np.float64).copy(), np.empty_like(u, np.float64)
    for y in range(height):
        way = -1 if serpentine and y % 2 else 1
        for x in range(width)[::way]:
            for c in range(channels):
                value = min(max(v[y, x, c], 0), 255)
                out[y, x, c] = table[int(np.rint(value)), c]
                for dx, dy, weight in shares:
                    if y + dy < height and 0 <= x + way * dx < width:
                        v[y + dy, x + way * dx, c] += strength * weight * (value - out[y, x, c])
    return out


# multiples of 48 / 2^k in float32 and float64 may round apart for thirds: these pictures and levels meet no tie
@every_kernel
@pytest.mark.parametrize("strength", [1.0, 0.75, 0.0])
@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (9, 1), (2, 2), (7, 3), (5, 4), (13, 17), (24, 5)], ids=lambda s: f"{s[0]}x{s[1]}")
def test_diffusion_is_the_loop_over_pixels_exactly(kernel, shape, strength):
    u = np.random.default_rng(7).integers(0, 256, (*shape, 3)).astype(np.float32)
    tables = uniform_tables([1, 2, 3, 5], 3)
    made = diffuse(u, tables, kernel, strength)
    for one, table in zip(made, tables, strict=True):
        assert np.array_equal(one, loop(u, table, kernel.slug, strength))


@every_kernel
@pytest.mark.parametrize("shape", [(1, 6), (6, 1), (9, 14), (90, 5)], ids=lambda s: f"{s[0]}x{s[1]}")
def test_serpentine_is_the_loop_over_pixels_exactly(kernel, shape):
    u = np.random.default_rng(8).integers(0, 256, (*shape, 2)).astype(np.float32)
    tables = uniform_tables([1, 2, 4], 2)
    made = diffuse(u, tables, kernel, serpentine=True)
    for one, table in zip(made, tables, strict=True):
        assert np.array_equal(one, loop(u, table, kernel.slug, serpentine=True))


def test_channels_with_tables_of_their_own_do_not_mix():
    u = np.random.default_rng(9).integers(0, 256, (9, 11, 2)).astype(np.float32)
    tables = np.concatenate((uniform_tables([1], 1), uniform_tables([4], 1)), axis=2)
    kernel = KERNELS["floyd-steinberg"]
    both = diffuse(u, tables, kernel)
    for c in range(2):
        assert np.array_equal(both[..., c : c + 1], diffuse(u[..., c : c + 1], tables[..., c : c + 1], kernel))


def test_floyd_steinberg_and_jarvis_pass_on_all_of_the_error_and_atkinson_three_quarters():
    sums = [sum(w for _, _, w in KERNELS[slug].shares) for slug in PRINTED]
    assert np.allclose(sums, [1, 0.75, 1])  # by the printed forms


def test_black_and_white_is_as_pillows_within_a_percent_of_pixels_white_and_half_a_level_of_local_mean():
    grey = data.camera()[:256, :256]
    theirs = np.asarray(Image.fromarray(grey).convert("1")).astype(float) * 255  # Pillow: Floyd-Steinberg in integers
    ours = diffuse(grey[:, :, None].astype(np.float32), uniform_tables([1], 1), KERNELS["floyd-steinberg"])[0, :, :, 0].astype(float)
    assert abs(ours.mean() - theirs.mean()) < 0.5
    cells = [a.reshape(16, 16, 16, 16).mean((1, 3)) for a in (ours, theirs)]  # means of 16 by 16 pixels
    assert np.abs(cells[0] - cells[1]).mean() < 1.5
    assert np.abs(cells[0] - cells[1]).max() < 8


def test_a_flat_grey_keeps_its_mean_at_every_level():
    u = np.full((64, 64, 1), 100, np.float32)
    for one in diffuse(u, uniform_tables([1, 2, 3], 1), KERNELS["floyd-steinberg"]):
        assert abs(one[8:, 8:-8].mean() - 100) < 1


def test_a_grid_that_ends_inside_the_range_does_not_run_away():
    tables = np.clip(uniform_tables([3], 1), 64, 191)
    made = diffuse(np.full((32, 32, 1), 255, np.float32), tables, KERNELS["floyd-steinberg"])
    assert (made == 191).all()
    after = np.concatenate((np.full((32, 32, 1), 255), np.full((32, 32, 1), 70)), axis=1).astype(np.float32)
    assert abs(diffuse(after, tables, KERNELS["floyd-steinberg"])[0, 8:, 40:56].mean() - 70) < 3  # what 191 left is not dragged along
