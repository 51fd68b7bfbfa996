"""Does a person hear exactly what Python computed, at once, and without a gap or a message?"""

from base64 import b64decode

import numpy as np
import pytest

import quantlab as ql
from quantlab.audio.chain import Chain
from quantlab.audio.clips import load_clip
from quantlab.labs.audio.recipe import ChainRecipe, MdctRecipe

SOUND = "document.querySelector('.ql-sound').qlSound"
STATES = {
    "": ("fade", ChainRecipe(Chain(ql.QuantSpec("int-symmetric")))),
    "source=chord&dither=subtractive": ("chord", ChainRecipe(Chain(ql.QuantSpec("int-symmetric"), dither="subtractive"))),
    "source=voice&scheme=mu-law&factor=6": ("voice", ChainRecipe(Chain(ql.QuantSpec("mu-law"), factor=6))),
    "source=voice&scheme=mdct": ("voice", MdctRecipe()),
}


def heard(lab, script: str):
    return lab.page.evaluate(f"{SOUND}.{script}")


def rendered(lab, level: str, what: str, matched: bool = False) -> np.ndarray:
    """The samples (N, C) as the browser's own graph gives them, float32 to the bit."""
    script = f"""async () => {{
        const all = await {SOUND}.render({level!r}, {what!r}, {str(matched).lower()});
        return all.map(labBytes); }}"""
    return np.stack([np.frombuffer(b64decode(c), np.float32) for c in lab.page.evaluate(script)], axis=1)


@pytest.mark.parametrize("query", STATES)
def test_the_samples_that_sound_are_those_that_python_computed(reader, query):
    clip, recipe = STATES[query]
    lab = reader().show(f"audio?{query}")
    x, rate = load_clip(clip).samples, load_clip(clip).rate
    assert np.array_equal(rendered(lab, lab.level, "original"), x)
    for level in (recipe.labels[0], lab.level, recipe.labels[-1]):
        got, wanted = rendered(lab, level, "quantized"), recipe.heard(x, rate, level)
        exact = "factor" not in query and "mdct" not in query and "subtractive" not in query
        assert np.array_equal(got, wanted) if exact else np.abs(got - wanted).max() < 2**-15
        assert np.array_equal(rendered(lab, level, "error"), got - x)
    sqnr = ql.metrics.sqnr_db(x, rendered(lab, lab.level, "quantized"))
    assert lab.texts()["SQNR"] == f"{sqnr:.1f} dB"


def press_key(lab, key: str) -> None:
    lab.page.get_by_role("heading", level=1).click()
    lab.page.keyboard.press(key)


def test_it_plays_and_switches_at_the_same_place_while_the_slider_moves(lab):
    lab.open("audio")
    sent = len(lab.sent)
    assert heard(lab, "playing") is False and heard(lab, "what") == "quantized"
    lab.page.get_by_role("button", name="Play", exact=True).click()
    lab.page.wait_for_function(f"{SOUND}.time > 0.3")
    assert heard(lab, "context.state") == "running" and heard(lab, "context.sampleRate") == 48_000
    for key, what in (("1", "original"), ("3", "error"), ("2", "quantized")):
        before = heard(lab, "time")
        press_key(lab, key)
        assert heard(lab, "what") == what and heard(lab, "playing")
        assert 0 < heard(lab, "time") - before < 3, "it goes on where it was"
        assert lab.page.locator(f"[data-what={what}]").get_attribute("aria-pressed") == "true"
    lab.press()
    for k in (9, 3, 12, 5):
        before = heard(lab, "time")
        lab.page.mouse.move(*lab.thumb(k / 15))
        lab.painted()
        assert heard(lab, "level") == lab.level == str(k + 1) and heard(lab, "playing")
        assert 0 <= heard(lab, "time") - before < 3
    assert len(lab.sent) == sent, "hearing and dragging send nothing"
    lab.page.mouse.up()
    press_key(lab, " ")
    assert heard(lab, "playing") is False
    assert heard(lab, "time") > 0.3, "a pause keeps the place"


def test_what_leaves_the_graph_is_the_level_at_its_matched_loudness(lab):
    lab.open("audio")
    lab.page.get_by_role("button", name="Play", exact=True).click()
    taken = lab.page.evaluate(f"""async () => {{
        const {{ context }} = {SOUND}, tap = context.createAnalyser();
        tap.fftSize = 2048;
        const connect = AudioNode.prototype.connect;
        AudioNode.prototype.connect = function (to, ...rest) {{
            if (to === context.destination) connect.call(this, tap);
            return connect.call(this, to, ...rest);
        }};
        document.querySelector('[data-what=original]').click();
        await new Promise(done => setTimeout(done, 600));
        AudioNode.prototype.connect = connect;
        const out = new Float32Array(2048);
        tap.getFloatTimeDomainData(out);
        return [...out];
    }}""")
    x = load_clip("fade").samples[:, 0]
    places = np.flatnonzero(x[: len(x) // 2] == np.float32(taken[0]))
    assert any(np.array_equal(x[k : k + 2048], np.float32(taken)) for k in places), "the clip's samples, in order, untouched"
    lab.page.get_by_role("button", name="Pause", exact=True).click()


def test_another_state_goes_on_playing_and_another_sound_stops(new_lab):
    lab = new_lab(fresh=True).open("audio")  # with the sidebar as a new person finds it
    lab.page.get_by_role("button", name="Play", exact=True).click()
    lab.page.wait_for_function(f"{SOUND}.time > 0.5")
    lab.choose("Dither", "triangular over two steps")
    assert heard(lab, "playing") and heard(lab, "time") > 0.5
    lab.choose("Sound", "A drum loop")
    assert not heard(lab, "playing") and heard(lab, "time") == 0


def test_where_there_is_no_sound_output_play_says_so(lab):
    lab.open("audio")
    lab.page.evaluate("navigator.mediaDevices.enumerateDevices = async () => []")  # until this page is left
    lab.page.get_by_role("button", name="Play", exact=True).click()
    lab.key("sound").get_by_role("alert").filter(has_text="no sound output").wait_for()
