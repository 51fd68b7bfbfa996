"""Mistakes: the wrong ideas by which exercises are often answered, each with what to say and the state that refutes it.

An exercise computes what each idea gives on the student's own numbers; an answer that lies there is met by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Mistake:
    """A wrong idea. title : its name. hint : what to say, ``{said}`` is what the student answered. see : a state that refutes it."""

    slug: str
    title: str
    hint: str
    see: str


_ALL = (
    Mistake(
        "levels-for-steps",
        "levels taken for steps",
        "{said} counts the levels; a range of so many levels has one step fewer.",
        "tensor?source=uniform&bits=2",
    ),
    Mistake(
        "unsigned-range",
        "the codes of a signed grid counted as unsigned",
        "{said} spreads all codes over one side; a symmetric grid has them on both sides of zero.",
        "tensor?source=normal&bits=3",
    ),
    Mistake(
        "one-side",
        "the range from zero instead of from end to end",
        "{said} takes the larger end alone; the range of an affine grid reaches from the lowest to the highest value.",
        "tensor?source=relu&scheme=int-asymmetric",
    ),
    Mistake("inverted", "the scale inverted", "{said} is one over the scale: steps in a unit, not units in a step.", "tensor?bits=4"),
    Mistake(
        "middle",
        "the zero point taken for the middle",
        "{said} is the middle code. The zero point is the code of 0.0, wherever that lies.",
        "tensor?source=relu&scheme=int-asymmetric",
    ),
    Mistake(
        "sign-of-zero-point",
        "the sign of the zero point",
        "{said} has the wrong sign: a low end below zero gives a zero point above zero.",
        "tensor?source=normal&scheme=int-asymmetric",
    ),
    Mistake(
        "truncated",
        "cut off instead of rounded",
        "{said} is what cutting off gives; a quantizer rounds to the nearest.",
        "reference?room=roundings",
    ),
    Mistake(
        "not-clipped",
        "not clipped",
        "{said} lies beyond the last code; what is outside of the range goes to its end.",
        "tensor?calibrator=mse&bits=3",
    ),
    Mistake(
        "clips-nothing",
        "the range taken to the largest value",
        "{said} clips nothing, and its steps are so coarse that most values fall to zero.",
        "tensor?calibrator=mse&bits=2",
    ),
    Mistake(
        "finest-steps",
        "the finest steps taken for the least error",
        "{said} rounds finely and clips nearly all: what lies beyond the range is an error too.",
        "tensor?scrub=clip&width=2",
    ),
    Mistake(
        "zero-point-forgotten",
        "the zero point forgotten",
        "{said} is what one gets without subtracting the zero point.",
        "tensor?source=normal&scheme=int-asymmetric",
    ),
    Mistake(
        "zero-point-once",
        "the zero point subtracted once",
        "{said} subtracts the zero point once; every product carries it, so it counts once for each weight.",
        "tensor?source=normal&scheme=int-asymmetric",
    ),
    Mistake(
        "constant-forgotten",
        "the constant term forgotten",
        "{said} leaves out K times both zero points: each of the two corrections takes it off once too often.",
        "integer?room=dot&source=small&bits=12",
    ),
    Mistake(
        "one-product",
        "one product for the sum",
        "{said} holds a single product; the sum of many needs more bits.",
        "integer?room=accumulator&source=small",
    ),
    Mistake(
        "sign-bit-forgotten",
        "the sign's bit forgotten",
        "{said} holds the magnitude; the sign takes one bit more.",
        "integer?room=accumulator&source=small",
    ),
    Mistake(
        "saturated",
        "saturated in place of wrapped around",
        "{said} is where a saturating accumulator stays; this one wraps around.",
        "integer?room=accumulator&source=small&bits=15",
    ),
    Mistake(
        "not-normalised",
        "a multiplier that does not fill its bits",
        "{said} leaves the multiplier's first bit empty and so wastes it: shift by one more.",
        "integer?room=rounding&source=small&bits=6",
    ),
    Mistake(
        "accumulator-of-8-bits",
        "an accumulator of 8 bits",
        "{said} is what is left where sums wrap around at 8 bits; products of codes need 16, their sums 32.",
        "reference?room=bits-of&format=int8",
    ),
    Mistake(
        "whole-step",
        "a whole step for half a step",
        "{said} is a whole step; no value is farther than half a step from its level.",
        "tensor?source=uniform&bits=3",
    ),
    Mistake(
        "bias-forgotten",
        "the exponent's bias forgotten",
        "{said} reads the exponent as it stands; its bias is subtracted first.",
        "reference?room=bits-of",
    ),
    Mistake(
        "hidden-one-forgotten",
        "the leading one forgotten",
        "{said} reads the fraction alone; a normal number has a one before it that is not stored.",
        "reference?room=bits-of",
    ),
    Mistake(
        "read-unsigned",
        "a signed word read as unsigned",
        "{said} reads the word as unsigned; its first bit counts negatively.",
        "reference?room=bits-of&format=int8",
    ),
    Mistake(
        "sign-and-magnitude",
        "two's complement read as sign and magnitude",
        "{said} takes the first bit for a sign alone; in two's complement it counts as minus its place.",
        "reference?room=bits-of&format=int8",
    ),
    Mistake(
        "scale-forgotten",
        "the scales forgotten",
        "{said} counts the codes alone; every group stores a scale too.",
        "tensor?granularity=group-16",
    ),
    Mistake(
        "scale-for-each",
        "a scale counted for every value",
        "{said} counts a whole scale for each value; a group shares one.",
        "tensor?granularity=group-64",
    ),
    Mistake(
        "three-decibels",
        "amplitude for power",
        "{said} counts 3 dB a bit: half the step is a quarter of the error's power, 6 dB.",
        "tensor?source=uniform&bits=6",
    ),
    Mistake(
        "twenty-logs",
        "20 log for 10 log",
        "{said} takes 20 times the logarithm of a ratio of powers; that is for amplitudes.",
        "tensor?bits=6",
    ),
    Mistake(
        "natural-logarithm",
        "the natural logarithm",
        "{said} uses the natural logarithm; bits count with base two, decibels with base ten.",
        "tensor?bits=4",
    ),
    Mistake(
        "peak-not-squared", "the peak not squared", "{said} forgets to square the peak: a power is compared with a power.", "image?bits=4"
    ),
    Mistake(
        "fixed-length",
        "a code of fixed length",
        "{said} gives every symbol the same length; Huffman gives frequent ones short words.",
        "tensor?bits=4",
    ),
    Mistake(
        "entropy-for-length",
        "the entropy taken for the length",
        "{said} is the entropy, the bound; words have whole lengths, so that Huffman reaches it only for powers of one half.",
        "tensor?bits=4",
    ),
    Mistake(
        "mean-of-all",
        "the mean of all values",
        "{said} is the mean of all values; a centroid is the mean of the values that are nearest to it.",
        "tensor?scheme=kmeans&method=lloyd&bits=2",
    ),
    Mistake(
        "middle-of-ends",
        "the middle between the ends",
        "{said} lies half way between the smallest and the largest of its values; a centroid is their mean.",
        "tensor?scheme=kmeans&method=lloyd&bits=2",
    ),
    Mistake(
        "sign-lost",
        "the sign lost in the logarithm",
        "{said} has lost its sign: the curve bends the magnitude, and the sign is put back.",
        "tensor?scheme=mu-law&bits=8",
    ),
    Mistake(
        "codebook-forgotten",
        "the codebook forgotten",
        "{said} counts the codes alone; the table of levels is stored too.",
        "tensor?scheme=kmeans&bits=4",
    ),
    Mistake(
        "byte-each", "a byte for each code", "{said} gives each code a byte of its own; packed, they lie bit after bit.", "tensor?bits=3"
    ),
    Mistake("keys-alone", "keys without values", "{said} counts keys or values; the cache holds both.", "tensor?bits=4"),
    Mistake("bits-for-bytes", "bits taken for bytes", "{said} is in bits; a byte has eight.", "tensor?bits=4"),
    Mistake(
        "rounding-alone",
        "the error of rounding alone",
        "{said} is the error without dither; triangular dither adds twice as much.",
        "audio?dither=tpdf",
    ),
    Mistake(
        "dither-alone", "the dither alone", "{said} is the power of the dither alone; the rounding's comes on top.", "audio?dither=tpdf"
    ),
    Mistake(
        "exponent-up",
        "the shared exponent rounded up",
        "{said} rounds the exponent up; the standard's is that of the largest power of two not above the maximum.",
        "tensor?scheme=mx",
    ),
    Mistake(
        "element-forgotten",
        "the element's own exponent forgotten",
        "{said} leaves out that the elements reach to a power of two by themselves, which is taken off.",
        "tensor?scheme=mx",
    ),
    Mistake(
        "mean-difference",
        "the mean difference for the mean square",
        "{said} adds the differences, which cancel; the mean square adds their squares.",
        "tensor?bits=4",
    ),
    Mistake(
        "root-forgotten", "the mean square's root", "{said} is the root of the mean square; it was asked for without.", "tensor?bits=4"
    ),
    Mistake(
        "other-direction",
        "multiplied where it is divided",
        "{said} is one over the scale: the layer that writes the channel is divided by it, the one that reads it multiplied.",
        "repair?room=channels",
    ),
    Mistake(
        "root-of-product",
        "the common range taken for the scale",
        "{said} is the range that both sides have in the end; the scale brings the one that writes the channel there.",
        "repair?room=channels",
    ),
    Mistake(
        "error-added",
        "the mean error added instead of taken away",
        "{said} adds the mean error once more; the bias has to lose it.",
        "repair?repairs=bias",
    ),
    Mistake(
        "inputs-forgotten",
        "the inputs' means forgotten",
        "{said} adds up the errors of the weights; in the output each counts as often as its input is large.",
        "repair?repairs=bias",
    ),
    Mistake(
        "each-for-itself",
        "each weight rounded for itself",
        "{said} comes from rounding every weight to its nearest level; the errors meet in the output, where they may add up.",
        "repair?room=rounding",
    ),
    Mistake(
        "nothing-made-good",
        "the error not passed on",
        "{said} is the next weight as it was; it first makes good what the rounded one left.",
        "repair?room=columns",
    ),
    Mistake(
        "passed-on-whole",
        "the error passed on whole",
        "{said} passes on all of the error; as much of it counts as the two inputs have in common.",
        "repair?room=columns",
    ),
    Mistake(
        "places-forgotten",
        "the places of the kept weights forgotten",
        "{said} counts the kept values alone. The file has to say where they are.",
        "compress?scrub=share&bits=10",
    ),
    Mistake(
        "places-of-all",
        "a place stored for every weight, pruned ones too",
        "{said} stores a gap for every weight; only kept weights have one.",
        "compress?scrub=share&bits=80",
    ),
    Mistake(
        "all-weights-coded",
        "pruned weights counted among the codes",
        "{said} gives every weight a code. A pruned weight has none.",
        "compress?scrub=share&bits=80",
    ),
    Mistake(
        "probability-divided",
        "the probability divided by the temperature",
        "{said} divides the probability. The temperature divides the logits, and what follows is made to sum to one again.",
        "compress?room=distil&bits=4",
    ),
    Mistake(
        "not-softened",
        "the temperature left out",
        "{said} is the probability at temperature 1.",
        "compress?room=distil&bits=1",
    ),
    Mistake(
        "multiplied-by-temperature",
        "the logits multiplied by the temperature",
        "{said} sharpens the answer: it multiplies the logits. A temperature above 1 divides them.",
        "compress?room=distil&bits=1",
    ),
    Mistake(
        "codebook-for-each-weight",
        "the codebook counted in bits a code",
        "{said} counts the codebook's values at the bits of a code; they are float32.",
        "compress?pattern=none",
    ),
    Mistake(
        "true-slope",
        "the true slope of rounding",
        "{said} takes the slope of a stair, which is zero nearly everywhere; the estimator passes the gradient straight through.",
        "train?room=weight",
    ),
    Mistake(
        "latent-in-the-loss",
        "the latent value in the loss",
        "{said} puts the latent value into the loss; the forward pass sees its level.",
        "train?room=weight",
    ),
    Mistake(
        "place-forgotten",
        "the place left out of the step's gradient",
        "{said} holds every code still; inside the range the place x / s moves too, and is taken off.",
        "train?room=weight&rule=learned",
    ),
    Mistake(
        "clipped-as-inside",
        "a clipped value counted as inside",
        "{said} takes x / s off where the value is clipped; there the code stays at its end, and nothing is taken off.",
        "train?room=weight&rule=learned",
    ),
    Mistake(
        "nearest-expected",
        "the nearest level for the expected one",
        "{said} is where rounding to the nearest ends; by chance the levels on both sides come up, and their mean is what counts.",
        "train?room=gradients",
    ),
    Mistake(
        "even-chances",
        "both neighbours equally likely",
        "{said} lies half way between the neighbours; the nearer one comes up more often.",
        "train?room=gradients",
    ),
    Mistake(
        "mean-of-inverses",
        "the mean of 1 / p",
        "{said} is the mean of 1 / p; perplexity takes the mean of logarithms, so that one rare token weighs less.",
        "language",
    ),
    Mistake(
        "mean-probability",
        "one over the mean probability",
        "{said} is one over the mean of p; the logarithms have the mean taken, not the probabilities.",
        "language",
    ),
    Mistake(
        "of-a-token",
        "bits of a token for bits of a byte",
        "{said} is what a token costs; it stands for several bytes.",
        "language",
    ),
    Mistake(
        "other-way-of-divergence",
        "the divergence the other way round",
        "{said} weighs with the probabilities after; those before are the truth here, and the two ways differ.",
        "language",
    ),
    Mistake(
        "bits-for-nats",
        "bits taken for nats",
        "{said} is in bits; nats come from the natural logarithm.",
        "language",
    ),
    Mistake(
        "scales-left-out",
        "scales left out",
        "{said} counts the codes alone; every group stores what it is scaled by.",
        "language?granularity=group-32",
    ),
    Mistake(
        "linear-layers-alone",
        "the linear layers taken for the model",
        "{said} is that of the linear layers; what stays at 16 bits is a part of the model.",
        "language?bits=4",
    ),
    Mistake(
        "sixteen-bits-read",
        "weights read in 16 bits",
        "{said} reads 16 bits a weight; they are stored in fewer, and widened after reading.",
        "language?bits=4",
    ),
    Mistake(
        "change-for-ratio",
        "the change of log p for the ratio",
        "{said} is the mean change of log p; the ratio is e to it.",
        "language?bits=3",
    ),
    Mistake(
        "total-for-mean",
        "the sum for the mean",
        "{said} is e to the sum of all changes; perplexity is of one token, so take the mean.",
        "language?bits=3",
    ),
    Mistake(
        "not-scaled",
        "rounded without the channel's scale",
        "{said} is what rounding without the factor gives.",
        "language?method=nearest&bits=2",
    ),
    Mistake(
        "not-divided",
        "not divided after rounding",
        "{said} is still multiplied by the factor; what came before gives inputs divided by it, so the weight stands for less.",
        "language?method=awq&bits=2",
    ),
    Mistake(
        "gains-forgotten",
        "the gained answers forgotten",
        "{said} takes off what is lost and leaves out what is gained.",
        "bench?source=small&bits=4",
    ),
    Mistake(
        "flips-for-losses",
        "the unchanged answers taken for the right ones",
        "{said} is the share of answers that did not change; an unchanged answer may be wrong.",
        "bench?source=small&bits=4",
    ),
    Mistake(
        "one-sided",
        "one side of a two-sided test",
        "{said} counts one side; as uneven the other way counts too.",
        "bench?source=small&bits=5",
    ),
    Mistake(
        "unchanged-counted",
        "a share of gains taken for a probability",
        "{said} is the share of gains among the changes. How likely is it that a coin is so uneven?",
        "bench?source=small&bits=5",
    ),
    Mistake(
        "all-spread",
        "values on a level counted as spread",
        "{said} is that of values that are all spread evenly; those on a level have no error.",
        "bench?source=small&bits=8",
    ),
    Mistake(
        "rms-averaged",
        "rms errors averaged",
        "{said} averages roots; average the squares, then take the root.",
        "bench?source=small&bits=8",
    ),
    Mistake(
        "parts-swapped",
        "own and inherited error exchanged",
        "{said} has them exchanged: its own error is there even where the input is exact.",
        "bench?source=small&bits=4",
    ),
    Mistake(
        "whole-inherited",
        "the whole error taken for the inherited one",
        "{said} counts the layer's own error as inherited too.",
        "bench?source=small&bits=4",
    ),
    Mistake(
        "bins-alike",
        "bins not weighed",
        "{said} gives both bins the same weight; a bin counts with its answers.",
        "bench?source=small&bits=3",
    ),
    Mistake(
        "signs-cancel",
        "signs kept, so that bins cancel",
        "{said} lets too sure and too unsure cancel; each bin's distance counts.",
        "bench?source=small&bits=3",
    ),
    Mistake(
        "points-for-percent",
        "points taken as percent of the right answers",
        "{said} takes percent of the right answers; points are of all pictures.",
        "bench?source=small&target=top1%3D-2pp",
    ),
    Mistake(
        "all-error-gone",
        "one bit takes the whole error away",
        "{said} counts all of the error as saved; one bit more leaves a quarter of it.",
        "model?source=language-small&bits=4",
    ),
    Mistake(
        "size-forgotten",
        "errors compared without their price",
        "{said} is the error that is saved; a bit more of a large tensor costs more bytes.",
        "model?source=language-small&plan=budget",
    ),
    Mistake(
        "additions-forgotten",
        "additions not counted",
        "{said} counts one operation a weight; each product is added up, too.",
        "model?source=language-small&room=hardware&batch=64",
    ),
    Mistake(
        "float-forgotten",
        "a relative target taken for an absolute one",
        "{said} counts down from all pictures; the target is against the float model.",
        "bench?source=small&target=top1%3D-2pp",
    ),
)
MISTAKES: Mapping[str, Mistake] = {mistake.slug: mistake for mistake in _ALL}
