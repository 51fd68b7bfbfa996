"""References: what to read, why, and the state of a lab that shows its figure.

Only what was found in independent places is listed; facts and figures are our own words and computations.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Reference:
    """authors, title, where : as the field cites them. link : where it can be had. why : one line. see : a state that shows it."""

    topic: str
    authors: str
    title: str
    where: str
    link: str
    why: str
    see: str = ""


def _arxiv(topic: str, authors: str, title: str, where: str, number: str, why: str, see: str = "") -> Reference:
    return Reference(topic, authors, title, where, f"https://arxiv.org/abs/{number}", why, see)


REFERENCES = (
    Reference(
        "Foundations",
        "Bennett",
        "Spectra of quantized signals",
        "Bell System Technical Journal 27(3), 446–472, 1948",
        "",
        "Where Δ²/12 comes from, and when the error is like noise.",
        "tensor?source=uniform&bits=8",
    ),
    Reference(
        "Foundations",
        "Panter, Dite",
        "Quantization distortion in pulse-count modulation with nonuniform spacing of levels",
        "Proc. IRE 39(1), 44–48, 1951",
        "",
        "The best spacing of many levels: the density to the power of one third.",
        "tensor?source=normal&scheme=lloyd-max&bits=6",
    ),
    Reference(
        "Foundations",
        "Widrow",
        "A study of rough amplitude quantization by means of Nyquist sampling theory",
        "IRE Trans. Circuit Theory 3(4), 266–276, 1956",
        "",
        "Quantizing as sampling of the density: when the error is exactly uniform.",
    ),
    Reference(
        "Foundations",
        "Max",
        "Quantizing for minimum distortion",
        "IRE Trans. Information Theory 6(1), 7–12, 1960",
        "",
        "The tables of best levels for a normal distribution.",
        "tensor?source=normal&scheme=lloyd-max&bits=2",
    ),
    Reference(
        "Foundations",
        "Lloyd",
        "Least squares quantization in PCM",
        "IEEE Trans. Information Theory 28(2), 129–137, 1982 (written 1957)",
        "",
        "Borders half way, levels at the mean: what k-means does in one dimension.",
        "tensor?scheme=kmeans&method=lloyd&bits=3",
    ),
    Reference(
        "Foundations",
        "Sripad, Snyder",
        "A necessary and sufficient condition for quantization errors to be uniform and white",
        "IEEE Trans. ASSP 25(5), 442–448, 1977",
        "",
        "When the usual model of the error holds exactly.",
    ),
    Reference(
        "Foundations",
        "Gray, Neuhoff",
        "Quantization",
        "IEEE Trans. Information Theory 44(6), 2325–2383, 1998",
        "",
        "The survey of fifty years; read it second, after one lab.",
        "tensor?source=normal&bits=4",
    ),
    Reference("Foundations", "Gersho, Gray", "Vector Quantization and Signal Compression", "Kluwer, 1992", "", "The textbook."),
    Reference(
        "Dither",
        "Schuchman",
        "Dither signals and their effect on quantization noise",
        "IEEE Trans. Communication Technology 12(4), 162–165, 1964",
        "",
        "Which noise makes the error independent of the signal.",
        "audio?dither=subtractive",
    ),
    Reference(
        "Dither",
        "Vanderkooy, Lipshitz",
        "Resolution below the least significant bit in digital systems with dither",
        "JAES 32(3), 106–113, 1984",
        "",
        "A tone smaller than half a step that is heard all the same.",
        "audio?source=faint&bits=9&dither=tpdf",
    ),
    Reference(
        "Dither",
        "Lipshitz, Wannamaker, Vanderkooy",
        "Quantization and dither: a theoretical survey",
        "JAES 40(5), 355–375, 1992",
        "",
        "Why two uniform noises and not one: mean and power stand still.",
        "audio?dither=tpdf",
    ),
    Reference(
        "Dither",
        "Gray, Stockham",
        "Dithered quantizers",
        "IEEE Trans. Information Theory 39(3), 805–812, 1993",
        "",
        "The same from information theory.",
    ),
    Reference(
        "Dither",
        "Wannamaker, Lipshitz, Vanderkooy, Wright",
        "A theory of nonsubtractive dither",
        "IEEE Trans. Signal Processing 48(2), 499–516, 2000",
        "",
        "What a player that does not know the noise can reach.",
        "audio?dither=rpdf",
    ),
    Reference(
        "Pictures",
        "Bayer",
        "An optimum method for two-level rendition of continuous-tone pictures",
        "IEEE ICC, 1973",
        "",
        "The ordered pattern that bears his name.",
        "image?dither=bayer-8",
    ),
    Reference(
        "Pictures",
        "Floyd, Steinberg",
        "An adaptive algorithm for spatial grey scale",
        "Proc. SID 17(2), 75–77, 1976",
        "",
        "Errors passed on to the neighbours.",
        "image?dither=floyd-steinberg",
    ),
    Reference(
        "Pictures",
        "Heckbert",
        "Color image quantization for frame buffer display",
        "SIGGRAPH, 1982",
        "",
        "Median cut: a palette from the picture's own colours.",
        "image?what=palette",
    ),
    Reference(
        "Pictures",
        "Wang, Bovik, Sheikh, Simoncelli",
        "Image quality assessment: from error visibility to structural similarity",
        "IEEE Trans. Image Processing 13(4), 600–612, 2004",
        "",
        "SSIM: why 30 dB may look worse than 25.",
        "image?view=ssim",
    ),
    _arxiv(
        "Networks",
        "Jacob et al.",
        "Quantization and training of neural networks for efficient integer-arithmetic-only inference",
        "CVPR 2018",
        "1712.05877",
        "The affine scheme with a zero point, and integers all the way through.",
        "tensor?scheme=int-asymmetric",
    ),
    _arxiv(
        "Networks",
        "Krishnamoorthi",
        "Quantizing deep convolutional networks for efficient inference",
        "2018",
        "1806.08342",
        "A scale for each channel, and which networks need it.",
        "cnn?source=depthwise&granularity=channel-0",
    ),
    _arxiv(
        "Networks",
        "Nagel et al.",
        "Data-free quantization through weight equalization and bias correction",
        "ICCV 2019",
        "1906.04721",
        "Why depthwise networks break first, and how to repair them without data.",
        "cnn?source=depthwise",
    ),
    _arxiv(
        "Networks", "Esser et al.", "Learned step size quantization", "ICLR 2020", "1902.08153", "The step as a weight that is trained."
    ),
    _arxiv(
        "Networks",
        "Nagel et al.",
        "Up or down? Adaptive rounding for post-training quantization",
        "ICML 2020",
        "2004.10568",
        "Rounding to the nearest is not the best for the answer.",
    ),
    _arxiv(
        "Networks",
        "Wu et al.",
        "Integer quantization for deep learning inference: principles and empirical evaluation",
        "2020",
        "2004.09602",
        "Range rules compared on many networks.",
        "reference?room=ranges",
    ),
    _arxiv(
        "Networks",
        "Nagel et al.",
        "A white paper on neural network quantization",
        "2021",
        "2106.08295",
        "The best first text: the whole path, with its pitfalls.",
        "cnn?source=plain",
    ),
    _arxiv(
        "Networks",
        "Gholami et al.",
        "A survey of quantization methods for efficient neural network inference",
        "2021",
        "2103.13630",
        "A map of the field.",
    ),
    _arxiv(
        "Networks",
        "Bengio, Léonard, Courville",
        "Estimating or propagating gradients through stochastic neurons for conditional computation",
        "2013",
        "1308.3432",
        "The straight-through estimator: a gradient where there is none.",
    ),
    _arxiv(
        "Networks",
        "Han, Mao, Dally",
        "Deep compression",
        "ICLR 2016",
        "1510.00149",
        "Pruning, shared weights and Huffman coding in one file.",
        "tensor?scheme=kmeans&bits=4",
    ),
    _arxiv(
        "Formats",
        "Micikevicius et al.",
        "FP8 formats for deep learning",
        "2022",
        "2209.05433",
        "Why there are two: four bits of exponent or five.",
        "reference?room=bits-of",
    ),
    _arxiv(
        "Formats",
        "Rouhani et al.",
        "Microscaling data formats for deep learning",
        "2023",
        "2310.10537",
        "Blocks of 32 that share a power of two.",
        "tensor?scheme=mx",
    ),
    _arxiv(
        "Language models",
        "Dettmers et al.",
        "LLM.int8(): 8-bit matrix multiplication for transformers at scale",
        "NeurIPS 2022",
        "2208.07339",
        "A few channels of activations are far larger than all others.",
        "tensor?source=normal&scrub=outlier",
    ),
    _arxiv("Language models", "Xiao et al.", "SmoothQuant", "ICML 2023", "2211.10438", "Moves the difficulty from activations to weights."),
    _arxiv(
        "Language models", "Frantar et al.", "GPTQ", "ICLR 2023", "2210.17323", "Rounds column by column and lets the rest make up for it."
    ),
    _arxiv(
        "Language models",
        "Dettmers et al.",
        "QLoRA",
        "NeurIPS 2023",
        "2305.14314",
        "NF4: sixteen levels for normal weights.",
        "tensor?scheme=nf4",
    ),
    _arxiv(
        "Language models",
        "Lin et al.",
        "AWQ: activation-aware weight quantization",
        "MLSys 2024",
        "2306.00978",
        "Spares the weights that meet large activations.",
    ),
    _arxiv(
        "Language models",
        "Liu et al.",
        "KIVI: a tuning-free asymmetric 2-bit quantization for KV cache",
        "2024",
        "2402.02750",
        "Keys by channel, values by token.",
    ),
    _arxiv(
        "Language models",
        "Ashkboos et al.",
        "QuaRot: outlier-free 4-bit inference in rotated LLMs",
        "2024",
        "2404.00456",
        "A rotation spreads outliers over all channels.",
    ),
    Reference(
        "How to learn it",
        "Crouch, Fagen, Callan, Mazur",
        "Classroom demonstrations: learning tools or entertainment?",
        "American Journal of Physics 72, 835–838, 2004",
        "",
        "Why every lesson here asks before it shows.",
    ),
    Reference(
        "How to learn it",
        "Miller et al.",
        "Role of physics lecture demonstrations in conceptual learning",
        "Phys. Rev. ST Physics Education Research 9(2), 2013",
        "",
        "Who predicts correctly also remembers what was seen correctly.",
    ),
    Reference(
        "How to learn it",
        "Hake",
        "Interactive-engagement versus traditional methods",
        "American Journal of Physics 66, 64–74, 1998",
        "",
        "The gain measured on 6 542 students.",
    ),
)
