"""Settings: the ways to quantize a network, and the settings of a curve against bits.

A setting says how many bits the weights, the activations and the input picture have, and how each is quantized; ``engine``
runs it. ``bit_settings`` are those of one curve, ``nearest_first`` is the order in which they are worked through.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from quantlab.schemes import SCHEMES
from quantlab.types import QuantSpec

WEIGHTS = QuantSpec("int-symmetric")
ACTIVATIONS = QuantSpec("int-asymmetric", arithmetic="torch_fake")
PICTURES = QuantSpec("int-asymmetric", arithmetic="torch_fake")  # in range 0 to 1
WIDTHS = tuple(range(2, 17))
CURVES = {"both": ("weights", "activations"), "weights": ("weights",), "activations": ("activations",)}
Bits = int | None  # None: float

T = TypeVar("T")


@dataclass(frozen=True)
class Setting:
    """One way to quantize a network; frozen and hashable.

    weights, activations, inputs : bits, None for float. weight_spec, activation_spec : all but the bits.
    dynamic : activation ranges from each image. ends_at_8 : the first and last layer at 8 bits where they would have fewer.
    layer_weights, layer_activations : (layer, bits) pairs that go before everything else; what flows into the first
        layer is the picture.
    bias_at_32 : biases stay; an int32 at the step of the products differs from them by no more than half that step.
    folded : batch norm inside the weights. calibration : how many images the static ranges are observed on.
    """

    weights: Bits = 8
    activations: Bits = 8
    inputs: Bits = 8
    weight_spec: QuantSpec = WEIGHTS
    activation_spec: QuantSpec = ACTIVATIONS
    dynamic: bool = False
    ends_at_8: bool = False
    layer_weights: tuple[tuple[str, Bits], ...] = ()
    layer_activations: tuple[tuple[str, Bits], ...] = ()
    bias_at_32: bool = True
    folded: bool = True
    calibration: int = 200

    def replace(self, **changes: Any) -> Setting:
        """The same but for the fields named, of whatever types they have."""
        return replace(self, **changes)

    def bits_of(self, layers: Sequence[str], layer: str) -> tuple[Bits, Bits]:
        """Bits of the weights of ``layer``, one of ``layers`` from first to last, and of what flows into it.

        >>> Setting(4, 6, ends_at_8=True).bits_of(("conv", "middle", "answer"), "middle")
        (4, 6)
        >>> Setting(4, 6, ends_at_8=True).bits_of(("conv", "middle", "answer"), "answer")
        (8, 8)
        """
        at_end = self.ends_at_8 and layer in (layers[0], layers[-1])

        def chosen(bits: Bits, pinned: dict[str, Bits]) -> Bits:
            return pinned.get(layer, max(bits, 8) if at_end and bits is not None else bits)

        pinned = dict(self.layer_activations)
        flowing_in = self.inputs if layer == layers[0] and layer not in pinned else chosen(self.activations, pinned)
        return chosen(self.weights, dict(self.layer_weights)), flowing_in

    def only(self, layer: str, bits: Bits, weights: bool = True, activations: bool = True) -> Setting:
        """One layer at these bits, all else float."""
        return self.replace(
            weights=None,
            activations=None,
            inputs=None,
            ends_at_8=False,
            layer_weights=((layer, bits),) if weights else (),
            layer_activations=((layer, bits),) if activations else (),
        )

    def all_but(self, layer: str, bits: Bits, weights: bool = True, activations: bool = True) -> Setting:
        """Every layer at these bits, the input picture as it is set; this one layer float."""
        return self.replace(
            weights=bits if weights else None,
            activations=bits if activations else None,
            ends_at_8=False,
            layer_weights=((layer, None),),
            layer_activations=((layer, None),),
        )


FLOAT = Setting(weights=None, activations=None, inputs=None)


def widths_of(setting: Setting, curve: str = "both") -> tuple[int, ...]:
    """The bit widths from 2 to 16 that the schemes behind this curve can use; empty where they share none."""
    if curve not in CURVES:
        raise ValueError(f"there is no curve {curve!r}; choose one of {', '.join(CURVES)}")
    specs = {"weights": setting.weight_spec, "activations": setting.activation_spec}
    allowed = [SCHEMES[specs[what].scheme].bits_allowed(specs[what].knobs) for what in CURVES[curve]]
    return tuple(bits for bits in WIDTHS if all(bits in widths for widths in allowed))


def bit_settings(setting: Setting, curve: str = "both", widths: tuple[int, ...] | None = None) -> dict[int, Setting]:
    """The settings of one curve against bits: weights alone (activations float), activations alone, or both.

    widths : left out, all that the schemes can use.
    """
    widths = widths_of(setting, curve) if widths is None else widths
    base = setting.replace(weights=None, activations=None) if curve != "both" else setting
    return {bits: base.replace(**dict.fromkeys(CURVES[curve], bits)) for bits in widths}


def nearest_first(labels: Sequence[T], current: object) -> list[T]:
    """The labels in the order of their distance from the current one; from the first where it is none of them.

    >>> nearest_first([2, 3, 4, 5], 4)
    [4, 3, 5, 2]
    """
    at = next((i for i, label in enumerate(labels) if label == current), 0)
    return [labels[i] for i in sorted(range(len(labels)), key=lambda i: (abs(i - at), i))]
