"""Does a kept setting stay in the address, is it asked about the same images, and does McNemar's test say what changed?"""

from urllib.parse import urlencode

import pytest
from scipy.stats import binomtest

import quantlab as ql
from quantlab.networks.settings import WEIGHTS, Setting
from tests.labs.network_cases import lab_evaluator
from tests.ui.test_network_page import SMALL, shown
from tests.ui.test_pages import alive, opened, program, query, text

PLAIN = urlencode({"source": "small"})
CHANNEL = Setting(weights=3, activations=3, weight_spec=WEIGHTS.replace(granularity=ql.per_channel(0)))


def button(app, label):
    (found,) = [one for one in app.button if one.label == label]
    return found


@pytest.mark.slow
def test_the_button_keeps_this_setting_and_the_other_forgets_it():
    app = shown(bits="3", calibrator="mse")
    button(app, "Keep as A").click()
    assert query(alive(app.run())) == SMALL | {"bits": "3", "calibrator": "mse", "kept": "source=small&calibrator=mse"}
    app.selectbox(key="cnn:granularity").set_value("channel-0")
    assert query(alive(app.run()))["kept"] == "source=small&calibrator=mse"
    assert any("Small CNN, digits" in caption.value for caption in app.caption)
    button(app, "Forget A").click()
    assert "kept" not in query(alive(app.run()))


def test_the_difference_is_mcnemars_on_the_same_images():
    app = shown(bits="3", granularity="channel-0", kept=PLAIN)
    asked = lab_evaluator("small", 200)
    now, kept = asked.evaluate(CHANNEL), asked.evaluate(Setting(weights=3, activations=3))
    lost, won = int((kept.right & ~now.right).sum()), int((now.right & ~kept.right).sum())
    p = binomtest(lost, lost + won, 0.5).pvalue
    assert p < 0.001 and f"{lost} lost, {won} more won, p < 0.001" in text(app)
    assert f"**{100 * kept.top(1).value:.1f} %** right: this one is {(won - lost) / 2:.1f} points better" in text(app)


def test_a_setting_does_not_differ_from_itself():
    words = text(shown(bits="3", kept=PLAIN))
    assert "right: **no difference seen** (of its right answers 0 lost, 0 more won, p = 1)" in words


def test_the_program_compares_too(capsys):
    app = shown(bits="3", granularity="channel-0", kept=PLAIN)
    exec(program(app), {})
    kept = lab_evaluator("small", 200).evaluate(Setting(weights=3, activations=3))
    assert f"The kept setting: Top-1 {kept.top(1)}, McNemar p = " in capsys.readouterr().out


def test_the_kept_setting_stays_while_other_rooms_are_looked_at():
    assert query(shown(room="layers", kept=PLAIN))["kept"] == PLAIN


@pytest.mark.parametrize("kept", ["source=plain", "source=zip", f"source=small&file={'0' * 20}"])
def test_what_cannot_be_compared_is_said_and_nothing_is_lost(kept):
    app = shown(kept=kept)
    assert any("compared" in caption.value for caption in app.caption) and "kept setting has" not in text(app)
    assert not app.error and query(app) == SMALL | {"kept": kept}


def test_a_kept_address_of_nonsense_is_the_default_and_too_long_a_one_is_refused():
    assert any(caption.value.startswith("**A**, kept: as the lab opens.") for caption in opened("cnn.py", kept="zz=1&scheme=<b>").caption)
    app = shown(kept="source=small&" + "x" * 1000)
    (warning,) = app.warning
    assert "instead" in warning.value and query(app) == SMALL
