"""Programs that reproduce what the rooms of the lab of small files show, at the level under the thumb."""

from __future__ import annotations

from quantlab.labs.compress.request import CompressRequest, DistilRequest
from quantlab.labs.network.subject import maker
from quantlab.networks.shrinking import Shrinking

_FIELDS = tuple(Shrinking.__dataclass_fields__)


def way_text(way: Shrinking) -> str:
    """A way to shrink as Python, what is as usual left out.

    >>> way_text(Shrinking(share=80, bits=3))
    'Shrinking(share=80, bits=3)'
    """
    usual = Shrinking()
    parts = [f"{name}={getattr(way, name)!r}" for name in _FIELDS if getattr(way, name) != getattr(usual, name)]
    return f"Shrinking({', '.join(parts)})"


def shrink_program(request: CompressRequest, way: Shrinking) -> str:
    """The program of the first room: writes the file, reads it back, asks the network that it holds."""
    return f"""from pathlib import Path

from quantlab.networks import compressed
from quantlab.networks.engine import Answers, loaded, {maker(request.source)}, shrink_steps, shrinker
from quantlab.networks.shrinking import Shrinking
from quantlab.progress import finish

network, data = {maker(request.source)}({request.source!r})
way = {way_text(way)}
small = finish(shrink_steps(shrinker(network, data), way))
file = Path("{request.source}.qlc")
file.write_bytes(compressed.write(small, huffman=way.huffman))
print(f"{{file.stat().st_size}} bytes on disk")
answers = Answers(network, data, images={request.images})
print(f"Top-1 {{answers.evaluate(compressed.read(file.read_bytes())).top(1)}}")
again = answers.logits(loaded(file.read_bytes())).argmax(1) == answers.data.test.first(answers.images).labels
print(f"Loaded from the file alone: {{again.mean():.1%}}")
"""


def distil_program(request: DistilRequest, temperature: int, width: float | None) -> str:
    """The program of the room of distillation: trains students of each seed, from labels alone and distilled."""
    return f"""from quantlab.cache_folder import cache_folder
from quantlab.distillation import paired_gain
from quantlab.networks.engine import Answers, Distilling, distil_steps, distilled_top1, {maker(request.source)}
from quantlab.networks.store import Store
from quantlab.progress import finish

teacher, data = {maker(request.source)}({request.source!r})
way = Distilling(width={width!r}, temperature={temperature}, mix={request.mix!r}, seeds={tuple(range(request.seeds))!r})
students = finish(distil_steps(teacher, data, way, Store(cache_folder())))
alone, distilled = distilled_top1(Answers(teacher, data, images={request.images}), way, students)
for seed, (before, after) in enumerate(zip(alone, distilled)):
    print(f"seed {{seed}}: labels alone {{before:.1%}}, distilled {{after:.1%}}")
gain = paired_gain(alone, distilled)
print(f"gain {{100 * gain.value:.1f}} points ({{100 * gain.low:.1f}} to {{100 * gain.high:.1f}}), seen: {{gain.seen}}")
"""
