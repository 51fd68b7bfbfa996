"""Does a blind test go from its start to its p-value, and does the browser never get to know what X is?"""

import re

import numpy as np
import pytest

from quantlab.audio.abx import p_value

WAVS = """async () => {
    const host = document.querySelector('.ql-abx'), { buffers } = host.qlTrial;
    const distance = (a, b) => { const x = a.getChannelData(0), y = b.getChannelData(0); return x.reduce((most, v, k) => Math.max(most, Math.abs(v - y[k])), 0); };
    return [host.dataset.ready, distance(buffers[0], buffers[2]), distance(buffers[1], buffers[2])];
}"""


def press(lab, name: str) -> None:
    lab.page.get_by_role("button", name=name, exact=True).or_(lab.page.get_by_role("radio", name=name, exact=True)).click()
    lab.settle()


def listen(lab) -> None:
    """Hear X and A for a moment each; only then can anything be answered."""
    for name in "XA":
        lab.page.get_by_role("button", name=f"Hear {name}", exact=True).click()
        if name == "X":
            assert lab.page.get_by_role("button", name="X is A", exact=True).is_disabled()
            lab.page.get_by_role("button", name="Play the trial", exact=True).click()
        lab.page.wait_for_function("name => document.querySelector('.ql-abx').qlTrial.heard.has(name)", arg=name)
    lab.page.wait_for_function("!document.querySelector('.st-key-abx-a button').disabled")
    lab.settle()


def trial(lab, before: str = "") -> tuple[str, float, float]:
    """(name of the trial, distance of X from A, from B) once its sounds are ready."""
    lab.page.wait_for_function(
        "before => { const r = document.querySelector('.ql-abx')?.dataset.ready; return r && r !== before; }", arg=before
    )
    return tuple(lab.page.evaluate(WAVS))


def test_from_the_start_to_the_p_value(lab):
    lab.open("audio?source=voice&bits=4")
    press(lab, "5")
    press(lab, "Begin at 4 bits")
    name, right = "", 0
    for k in range(5):
        assert f"Trial {k + 1} of 5" in lab.main_text() and "right" not in lab.key("abx").inner_text()
        name, to_a, to_b = trial(lab, name)
        assert 0 < min(to_a, to_b) < 3 * 2**-23 < max(to_a, to_b), "X is A or B, and neither to the bit"
        listen(lab)
        press(lab, "X is A" if to_a < to_b else "X is B")
        right += 1
    assert f"{right} of 5 right" in lab.main_text() and "p = 0.031" in lab.main_text()
    assert p_value(5, 5) == pytest.approx(1 / 32)
    assert "You hear it at 4 bits" in lab.main_text()
    press(lab, "Another test")
    assert "You hear it at 4 bits" in lab.main_text(), "scores stay for the session"


def test_a_trial_plays_and_silences_the_sound_above_it(lab):
    lab.open("audio?source=voice&bits=6")
    lab.page.get_by_role("button", name="Play", exact=True).click()
    press(lab, "Begin at 6 bits")
    trial(lab)
    press(lab, "Play the trial")
    state = lab.page.evaluate(
        "[document.querySelector('.ql-sound').qlSound.playing, document.querySelector('.ql-abx').qlTrial.player.playing]"
    )
    assert state == [False, True]
    for name in "AXB":
        press(lab, f"Hear {name}")
        assert lab.page.evaluate("document.querySelector('.ql-abx').qlTrial.chosen") == name
    press(lab, "Give up")
    assert lab.page.locator(".ql-abx").count() == 0


def received(lab) -> list[bytes | str]:
    """All frames that the server sends to the next page that is opened."""
    frames: list[bytes | str] = []
    lab.page.once("websocket", lambda ws: ws.on("framereceived", lambda frame: frames.append(frame)))
    return frames


def test_the_order_differs_from_person_to_person_and_nothing_sent_names_it(new_lab):
    orders = set()
    for _ in range(3):
        lab = new_lab()
        heard = received(lab)
        lab.open("audio?source=voice&bits=3")
        heard.clear()
        press(lab, "Begin at 3 bits")
        name, order = "", ""
        for _ in range(4):
            name, to_a, to_b = trial(lab, name)
            order += "A" if to_a < to_b else "B"
            listen(lab)
            press(lab, "X is A")
        orders.add(order)
        told = b"".join(frame if isinstance(frame, bytes) else frame.encode() for frame in heard)
        assert told and not re.search(rb'"(order|seed)"', told)
        assert not re.search(r"\b(order|seed)\b", lab.key("abx").inner_html())
    assert len(orders) > 1


def test_a_double_click_answers_one_trial(lab):
    lab.open("audio?source=voice&bits=4")
    press(lab, "Begin at 4 bits")
    trial(lab)
    listen(lab)
    lab.page.get_by_role("button", name="X is A", exact=True).dblclick()
    lab.settle()
    assert "Trial 2 of 16" in lab.main_text()


def test_sizes_of_the_wavs_are_equal():
    from quantlab.audio.abx import Run
    from quantlab.film import unpack
    from quantlab.labs.audio.abx import trial_film

    a, b = np.zeros((900, 2), np.float32), np.full((900, 2), 0.25, np.float32)
    header, payload = unpack(trial_film(Run(5), a, b, 48_000))
    assert len(payload) == 3 * header["size"] and set(header) == {"names", "rate", "channels", "length", "size", "id"}
