"""The lab of small files: its numbers are those of its files, its points restore themselves, its words follow from its numbers."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from quantlab.labs.catalog import LABS
from quantlab.labs.compress import kept, measure
from quantlab.labs.compress.distil.frames import Trained
from quantlab.labs.compress.distil.words import won
from quantlab.labs.compress.front import result as front_result
from quantlab.labs.compress.front.films import Front
from quantlab.labs.compress.front.points import nearest, pareto
from quantlab.labs.compress.kept import Record
from quantlab.labs.compress.request import STUDENTS, plan_of, plan_text, request_of
from quantlab.networks import compressed, engine
from quantlab.networks.engine import loaded, shipped
from quantlab.networks.engine.models import MODELS
from quantlab.networks.narrow import NARROW
from quantlab.networks.store import Store
from quantlab.progress import finish
from quantlab.tasks import ENGINE, Task

LAB = LABS["compress"]
ROOT = Path(__file__).parents[2]
FAST = {"source": "small", "images": "200"}


def known(stage=-1, **query):
    address = LAB.read(FAST | query)
    assert not address.notices
    return address, ENGINE.ahead(LAB.tasks(address, ())[stage])


@pytest.mark.parametrize(
    "query", [{}, {"scrub": "share"}, {"pattern": "2-4"}, {"sharing": "none"}, {"coding": "none"}, {"pattern": "none"}, {"tune": "1"}]
)
def test_the_file_has_the_bytes_and_the_right_answers_that_are_shown(query):
    address, result = known(**query)
    for label in result.labels:
        level, data = result.frames.level(int(label)), result.file(label)
        assert len(data) == level.last.bytes
        answers = measure.shrinker_of("small").data.test.first(200)
        from quantlab.labs.compress.measure import answers_of

        logits = answers_of("small", 200).logits(loaded(data))
        np.testing.assert_array_equal(logits.view(np.uint32), level.last.answers.logits.view(np.uint32))
        assert level.last.answers.top(1).value == (logits.argmax(1) == answers.labels).mean()
    assert str(level.last.bytes) in result.csv()
    assert address["bits"] in result.labels


@pytest.mark.parametrize("query", [{}, {"coding": "none"}, {"pattern": "none"}, {"sharing": "none"}], ids=str)
def test_a_server_started_anew_reads_its_levels_from_disk(tmp_path, monkeypatch, query):
    network, data = shipped("small")
    request = request_of(LAB.read(FAST | query))

    def level(computes):
        """Of a server that knows nothing but what lies on disk."""
        monkeypatch.setattr(measure, "shrinker_of", lambda source: of)
        of = engine.shrinker(network, data, Store(tmp_path))
        for known in (measure._MEASURED, measure._whole, measure._pruned_answers, measure.answers_of):
            (known.cache_clear if hasattr(known, "cache_clear") else known.clear)()
        with monkeypatch.context() as patch:
            if not computes:
                patch.setattr(engine.Answers, "logits", None)
                patch.setattr(engine, "shrink_steps", None)
            return finish(measure.request_level_steps(request, request.stops[1]))

    first, again = level(True), level(False)
    assert again.file == first.file and again.way == first.way and again.weights == first.weights
    assert [(p.name, p.bytes) for p in again.parts] == [(p.name, p.bytes) for p in first.parts]
    for a, b in zip(again.parts, first.parts, strict=True):
        for name in ("logits", "reference", "labels"):
            np.testing.assert_array_equal(getattr(a.answers, name), getattr(b.answers, name))
    for ours, theirs in zip(again.small.tensors, first.small.tensors, strict=True):
        np.testing.assert_array_equal(ours.array(), theirs.array())
    for file in tmp_path.iterdir():
        file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(TypeError):
        level(False)
    assert level(True).file == first.file


def test_a_record_of_another_form_counts_as_absent(tmp_path):
    of = engine.shrinker(*shipped("small"), Store(tmp_path))
    way = request_of(LAB.read(FAST)).at(4)
    sound = Record((3, 2, 1), np.zeros((2, 200, 10), np.float32), b"QLC1")
    kept.keep(of, 200, way, sound)
    assert kept.known(of, 200, way, sizes=3, logits=2) is not None
    assert kept.known(of, 200, way, sizes=2, logits=2) is kept.known(of, 200, way, sizes=3, logits=1) is None
    assert kept.known(of, 100, way, 3, 2) is kept.known(of, 200, way.replace(huffman=False), 3, 2) is None
    of.store.put(kept.key_of(of, 200, way), np.zeros(3))
    assert kept.known(of, 200, way, 3, 2) is None
    of.store.put(kept.key_of(of, 200, way), np.zeros(300, np.uint8))
    assert kept.known(of, 200, way, 3, 2) is None


def test_pruning_costs_are_read_from_disk(tmp_path, monkeypatch):
    network, data = shipped("small")
    data = replace(data, calibration=data.calibration.first(20))
    of = engine.shrinker(network, data, Store(tmp_path))
    costs = finish(engine.pruning_cost_steps(of, (50,)))
    monkeypatch.setattr(engine.Answers, "logits", None)
    again = engine.known_pruning_costs(engine.shrinker(network, data, Store(tmp_path)), (50,))
    assert again is not None and np.array_equal(again, costs)
    assert engine.known_pruning_costs(of, (60,)) is None


def test_parts_of_the_file_only_get_smaller_once_much_is_pruned():
    _, result = known(scrub="share")
    for share in (60, 80, 90):
        sizes = [part.bytes for part in result.frames.level(share).parts]
        assert sizes == sorted(sizes, reverse=True)


def test_the_first_stage_knows_the_level_under_the_thumb_alone():
    _, result = known(0, bits="3", share="50")
    assert list(result.frames.quick) == [3]
    assert result.words("4") == "This level is still being measured."
    assert "3-bit codebooks" in result.words("3")
    assert result.file("4") == b""


def test_every_point_of_the_front_restores_itself():
    _, result = known(room="front")
    front = result.front
    assert {"quick", "greedy", "knapsack", "hessian", "float32"} <= {p.kind for p in front.points}
    for p in front.points:
        if p.kind == "float32":
            continue
        address = LAB.read(dict(p.query))
        assert not address.notices and not address.problems
        level = ENGINE.ahead(LAB.tasks(LAB.read(dict(p.query) | {"images": "200"}), ())[0]).frames.level(int(address["bits"]))
        assert level.last.bytes == p.bytes
        assert level.last.answers.top(1).value == p.top1.value


def test_no_point_beats_one_of_the_front():
    _, result = known(room="front")
    points, best = result.front.points, result.front.best
    for p in best:
        assert not any(q.bytes <= p.bytes and q.top1.value > p.top1.value for q in points)
    assert len(pareto(points)) == len(best)
    assert nearest(points, best[0].bytes / 1e3) in points


def test_narrower_networks_with_few_bits_stand_on_the_picture_and_restore_themselves(monkeypatch):
    """The picture of a plain network whose stages other than this one are left out, on networks that have not learned."""

    def drawn(slug):
        network, data = shipped("plain")
        return engine.shrinker(MODELS["plain"].build(width=NARROW[slug].width) if slug in NARROW else network, data, Store(None))

    monkeypatch.setattr(measure, "shrinker_of", drawn)
    monkeypatch.setattr(measure, "_train_steps", lambda slug: steps_of(True))
    request = replace(request_of(LAB.read({"room": "front", "images": "100"})), stops=(4,))
    points = finish(front_result._steps(request, ["levels", "narrow"])).front.points
    narrow = [p for p in points if p.kind == "narrow"]
    assert len(narrow) == len(NARROW) * len(front_result.NARROW_BITS)
    for p in narrow[::3]:
        address = LAB.read(dict(p.query))
        assert not address.notices and not address.problems and NARROW[address["source"]].title in p.title
        again = request_of(address)
        assert again.at(int(address["bits"])) == p.way and again.source == p.query["source"]
    assert "0 of its places" not in front_result.films.notice(Front(request, points), 4)


def test_a_plan_is_written_and_read():
    plan = (("conv1", 4), ("answer", 2))
    assert plan_of(plan_text(plan)) == plan
    assert request_of(LAB.read({"layers": "conv1-4,answer-2"})).base.layer_bits == plan


def test_the_temperature_is_on_the_slider_of_the_room_of_distillation():
    address, result = known(room="distil", source="plain", bits="8")
    assert result.labels == ("1", "2", "4", "8", "16")
    rows = [line.split(",") for line in result.csv().splitlines()]
    entropies = [float(row[1]) for row in rows[1:]]
    assert entropies == sorted(entropies)
    assert "At temperature **8**" in result.words(address["bits"])
    assert len(LAB.tasks(LAB.read({"room": "distil", "train": "yes"}), ())) == 2


@pytest.mark.parametrize(
    ("alone", "distilled", "said"),
    [
        ((0.8, 0.82, 0.81), (0.9, 0.92, 0.91), "wins"),
        ((0.8, 0.82, 0.81), (0.7, 0.72, 0.71), "costs"),
        ((0.8, 0.9, 0.7), (0.81, 0.88, 0.72), "No gain seen"),
    ],
)
def test_a_gain_is_claimed_where_its_interval_leaves_zero_out(alone, distilled, said):
    noise = np.array([0.001, -0.001, 0.0])
    assert said in won(Trained(4, alone, tuple(np.array(distilled) + noise), 1000))


def test_fine_tuning_can_be_cancelled_within_a_batch():
    address = LAB.read(FAST | {"tune": "3", "share": "90"})
    steps = LAB.tasks(address, ())[-1].steps()
    for _ in range(40):
        next(steps)
    steps.close()


def test_the_program_writes_the_file_and_prints_its_size(tmp_path):
    _, result = known()
    done = subprocess.run(
        [sys.executable, "-c", result.program("4")],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    size = (tmp_path / "small.qlc").stat().st_size
    assert f"{size} bytes on disk" in done.stdout
    assert size == len(result.file("4"))
    assert compressed.read((tmp_path / "small.qlc").read_bytes()).architecture == "small"


def test_the_lab_loads_no_torch_until_it_is_asked():
    code = "import sys; from quantlab.labs.catalog import LABS; LABS['compress'].read({}); assert 'torch' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_students_stand_on_the_front_under_their_own_names_and_restore_their_room(monkeypatch):
    trained = Trained(4, (0.8, 0.7, 0.9), (0.82, 0.7, 0.9), 9000)
    monkeypatch.setattr(front_result, "trained_task", lambda asked, temperature: Task((asked, temperature), lambda: steps_of(trained)))
    points = finish(front_result._student_steps(request_of(LAB.read({"room": "front", "tune": "1"}))))
    assert [p.title for p in points.values()] == [name for name in STUDENTS.values() for _ in range(2)]
    for (kind, _, student), p in points.items():
        assert p.top1.value == {"student": 0.8, "distilled": 0.82}[kind] and p.bytes == 9000
        address = LAB.read(dict(p.query))
        assert not address.problems and (address["room"], address["student"], address["train"], address["bits"]) == (
            "distil",
            student,
            "yes",
            "4",
        )


def steps_of(result):
    """Work that has its result at once."""
    yield 0, 1
    return result
