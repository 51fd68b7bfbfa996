"""The films, words and programs of the audio lab say what was computed."""

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import quantlab as ql
from quantlab.audio.chain import Chain
from quantlab.audio.clips import load_clip
from quantlab.audio.frames import Frames
from quantlab.audio.shipping import Parcel, play
from quantlab.film import unpack
from quantlab.labs.audio import films as audio_films
from quantlab.labs.audio import words as audio_words
from quantlab.labs.audio.recipe import ChainRecipe, MdctRecipe, Recipe
from quantlab.labs.audio.sound import sound_film
from quantlab.labs.text import rounded_percent
from quantlab.sources.sounds import Sound, load_sound
from tests.steps import finished

ROOT = Path(__file__).parents[2]
SPEC = ql.QuantSpec("int-symmetric")
RECIPES: dict[str, Recipe] = {
    "plain": ChainRecipe(Chain(SPEC)),
    "triangular": ChainRecipe(Chain(SPEC.replace(seed=3), dither="tpdf")),
    "shaped": ChainRecipe(Chain(SPEC, dither="tpdf", shaping="ear")),
    "subtractive at a third": ChainRecipe(Chain(SPEC, dither="subtractive", factor=3)),
    "mid-rise, cut off, aliased": ChainRecipe(Chain(SPEC.replace(rounding="floor"), rise=True, factor=4, antialias=False)),
    "mu-law": ChainRecipe(Chain(ql.QuantSpec("mu-law"))),
    "G.711": ChainRecipe(Chain(ql.QuantSpec("a-law", variant="g711"))),
    "float": ChainRecipe(Chain(ql.QuantSpec("float"))),
    "blocks": ChainRecipe(Chain(ql.QuantSpec("mx"))),
    "mdct": MdctRecipe(1152, "kbd"),
}
SHORT = "sound = load_clip('chord')\nx = sound.samples[2000:14000]"
X = load_clip("chord").samples[2000:14_000]


@pytest.fixture(scope="module")
def made() -> dict[str, Frames]:
    return {name: finished(recipe.frames(Sound(X, 48_000))) for name, recipe in RECIPES.items()}


@pytest.mark.slow
@pytest.mark.parametrize("name", RECIPES)
def test_the_copied_program_prints_the_numbers_on_the_tiles(name, made, tmp_path):
    frames, recipe = made[name], RECIPES[name]
    index = len(frames.labels) // 3
    label = frames.labels[index]
    program = audio_words.python(SHORT, recipe, label)
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    texts = {tile: texts[index] for tile, _, texts in audio_words.tiles(frames)}
    sqnr, segmental, peak, fixed = re.fullmatch(
        r"SQNR (\S+) dB, segmental (\S+) dB\npeak (\S+), fixed by the sound (\S+) %\n", done.stdout
    ).groups()
    assert (f"{sqnr} dB", f"{segmental} dB", peak) == (texts["SQNR"], texts["Segmental SNR"], texts["Peak"])
    shown = texts["Fixed by the sound"]
    assert shown == ("–" if fixed == "nan" else rounded_percent(float(fixed) / 100))
    heard = recipe.heard(X, 48_000, label)
    assert np.abs(load_sound("heard.wav", tmp_path / "heard.wav").samples - np.clip(heard, -1, 1)).max() <= 2**-15


@pytest.mark.parametrize("name", RECIPES)
def test_a_player_that_follows_the_header_gets_pythons_samples(name, made):
    frames, recipe = made[name], RECIPES[name]
    header, payload = unpack(sound_film(frames))
    part = lambda place: payload[place[0] : place[0] + place[1]]  # noqa: E731
    assert header["labels"] == list(recipe.labels) and len(header["levels"]) == len(recipe.labels)
    for label, level in list(zip(recipe.labels, header["levels"], strict=True))[:: max(1, len(recipe.labels) // 4)]:
        table = np.frombuffer(part(level["table"]), np.float32) if level["table"] else None
        parcel = Parcel(part(level["flac"]), level["scale"], level["shift"], table, level["first"], level["step"])
        noise = part(header["noise"]) if header["noise"] else None
        played = play(parcel, noise, header["factor"], header["length"])
        assert np.abs(played - recipe.heard(X, 48_000, label)).max() < (1e-6 if name not in ("blocks", "mdct") else 2**-15)


def test_the_same_original_keeps_its_name_and_every_state_has_its_own(made):
    headers = [unpack(sound_film(frames))[0] for frames in made.values()]
    assert len({h["source"] for h in headers}) == 1 and len({h["id"] for h in headers}) == len(headers)


@pytest.mark.parametrize("name", RECIPES)
def test_films_hold_every_level(name, made):
    films = audio_films.films(made[name], RECIPES[name], list(audio_films.VIEWS))
    assert list(films) == list(audio_films.VIEWS)
    for film in films.values():
        assert json.loads(json.dumps(unpack(film)[0]["labels"])) == list(made[name].labels)


def test_the_notice_names_level_and_ratio_and_turns_with_the_dither(made):
    for name, recipe in RECIPES.items():
        for i, level in enumerate(made[name].levels):
            text = audio_words.notice(made[name], i, recipe)
            assert text.replace("−", "-").startswith(f"**{level.numbers['sqnr_db']:.1f} dB**") or "no error" in text
            assert level.label in text
    at = made["plain"].labels.index("4")
    assert "lively" in audio_words.notice(made["plain"], at, RECIPES["plain"])
    assert "buzz" in audio_words.notice(made["plain"], made["plain"].labels.index("2"), RECIPES["plain"])
    assert "hiss" in audio_words.notice(made["triangular"], at, RECIPES["triangular"])
    assert "elsewhere" in audio_words.notice(made["shaped"], at, RECIPES["shaped"])
    assert "mirror" in audio_words.notice(made["mid-rise, cut off, aliased"], at, RECIPES["mid-rise, cut off, aliased"])
    assert "kbit/s" in audio_words.notice(made["mdct"], at, RECIPES["mdct"])


def test_the_table_has_a_line_for_every_level_with_the_numbers_in_full(made):
    head, *lines = audio_words.csv(made["plain"]).splitlines()
    assert head.startswith("level,sqnr_db,") and len(lines) == 16
    assert float(lines[3].split(",")[1]) == made["plain"].levels[3].numbers["sqnr_db"]
