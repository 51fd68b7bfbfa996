"""Does the audio lab say its state through Python too, and stay alive whatever it is given?"""

import numpy as np
import pytest

import quantlab as ql
from quantlab.audio.chain import Chain
from quantlab.audio.clips import CLIPS, load_clip
from quantlab.film import unpack
from quantlab.labs.audio.request import MDCT
from quantlab.sources.sounds import to_wav
from quantlab.sources.uploads import UPLOADS

from .test_pages import alive, opened, program, query, text

DEFAULTS = {"source": "fade", "scheme": "int-symmetric", "bits": "6", "dither": "none", "shaping": "none", "factor": "1", "levels": "tread"}
DEFAULTS |= {"rounding": "nearest-even"}


@pytest.mark.parametrize("bits", ["1", "6", "16"])
def test_it_says_level_and_sqnr_in_words(bits):
    x = load_clip("fade").samples
    heard = Chain(ql.QuantSpec("int-symmetric", bits=int(bits))).convert(x, 48_000).heard
    app = opened("audio.py", bits=bits)
    assert f"**{ql.metrics.sqnr_db(x, heard):.1f} dB** at {bits} bit{'s' * (bits != '1')}" in text(app).replace("−", "-")
    assert f"bits={bits}" in program(app)


def test_defaults_in_the_address_are_left_out_and_nonsense_is_named():
    assert query(opened("audio.py", **DEFAULTS)) == {}
    app = opened("audio.py", **dict.fromkeys(DEFAULTS, "no-such"))
    assert sorted(warning.value.split("=")[0] for warning in app.warning) == sorted(DEFAULTS)
    assert query(app) == {}


@pytest.mark.slow
@pytest.mark.parametrize("scheme", [*ql.SCHEMES, MDCT])
def test_every_scheme_makes_a_page(scheme):
    app = opened("audio.py", source="voice", scheme=scheme)
    assert not app.warning and not app.error
    assert ("mdct.code" if scheme == MDCT else f"QuantSpec('{scheme}'") in program(app)


@pytest.mark.slow
@pytest.mark.parametrize(
    "state",
    [
        *({"source": clip} for clip in CLIPS),
        {"dither": "subtractive"},
        {"dither": "tpdf", "shaping": "lipshitz", "dice": "4"},
        {"shaping": "second", "rounding": "floor"},
        {"factor": "12", "antialias": "no"},
        {"levels": "rise", "bits": "1"},
        {"scheme": "mu-law", "variant": "g711"},
        {"scheme": "mdct", "window": "1152", "shape": "kbd"},
    ],
    ids=str,
)
def test_every_knob_is_kept_in_the_address(state):
    app = opened("audio.py", **state)
    assert not app.warning and not app.error
    assert query(app) == {name: value for name, value in state.items() if DEFAULTS.get(name) != value}


def test_a_filter_that_is_not_made_for_the_rate_is_a_problem_and_not_a_crash():
    app = opened("audio.py", shaping="lipshitz", factor="2")
    assert "made for 44" in app.error[0].value and "shaping" not in program(app)


@pytest.mark.parametrize("source", ["upload", "record"])
def test_before_a_sound_is_brought_the_page_says_how_and_keeps_what_it_had(source):
    app = opened("audio.py", source="drums")
    app.selectbox(key="audio:source").set_value(source).run()
    alive(app)
    assert app.error[0].value.endswith(".") and 'load_clip("drums")' in program(app)
    assert "no longer held" in opened("audio.py", source=source, file="feed").error[0].value


def test_a_tone_below_half_a_step_is_said_to_be_gone_or_carried_by_dither():
    assert "stands still" in text(opened("audio.py", source="faint", bits="9"))
    assert "yet it is there" in text(opened("audio.py", source="faint", bits="9", dither="tpdf"))
    assert "yet it is there" not in text(opened("audio.py", source="faint", bits="12", dither="tpdf"))


def test_of_a_long_sound_half_a_minute_is_shown_from_where_one_likes():
    x = np.sin(np.arange(40 * 8000) ** 1.1 / 50).astype(np.float32)[:, None] * np.linspace(0.1, 0.9, 40 * 8000, dtype=np.float32)[:, None]
    digest = UPLOADS.add("long.wav", to_wav(x, 8000))
    app = opened("audio.py", source="upload", file=digest, bits="4")
    assert "sound.samples[0:240000]" in program(app) and any("30 of 40 s" in c.value for c in app.caption)
    alive(app.number_input(key="audio:start").set_value(25).run())
    assert query(app)["start"] == "25" and "sound.samples[200000:440000]" in program(app)


def test_a_blind_test_can_be_taken_to_its_end_and_says_nothing_before():
    app = opened("audio.py", source="voice", bits="4")
    alive(app.button(key="abx-begin").click().run())
    for k in range(16):
        assert f"Trial {k + 1} of 16" in text(app) and "16 right" not in text(app)
        assert app.button(key="abx-a").disabled and app.button(key="abx-b").disabled, "who has not listened has nothing to answer"
        app.session_state["audio:abx-heard"] = unpack(app.session_state["audio:abx"].film)[0]["id"]  # as the player in the browser says
        alive(app.run())
        alive(app.button(key="abx-a").click().run())
    assert "of 16 right" in text(app) and "p = " in text(app) and "| bits | right | p |" in text(app)
    alive(app.button(key="abx-end").click().run())
    assert "| bits | right | p |" in text(app)
