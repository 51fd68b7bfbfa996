"""Theory: the laws and bounds of quantization as functions, each with its source."""

from quantlab.theory.densities import DENSITIES, Density
from quantlab.theory.noise import (
    DitherMoments,
    UniformNoise,
    dither_error,
    dither_moments,
    uniform_noise_holds,
    uniform_noise_variance,
)
from quantlab.theory.optimal import LloydMax, lloyd_max
from quantlab.theory.rates import (
    entropy_coded_gap,
    entropy_coded_uniform,
    gaussian_rate_distortion,
    high_resolution_sqnr_db,
    laplace_shannon_bound,
    panter_dite,
)
from quantlab.theory.sine import sine_sqnr_db, sine_sqnr_exact_db
from quantlab.theory.uniform import UniformDistortion, aciq_clip, aciq_mse, best_clip, uniform_distortion, uniform_midrise

__all__ = [
    "DENSITIES",
    "Density",
    "DitherMoments",
    "LloydMax",
    "UniformDistortion",
    "UniformNoise",
    "aciq_clip",
    "aciq_mse",
    "best_clip",
    "dither_error",
    "dither_moments",
    "entropy_coded_gap",
    "entropy_coded_uniform",
    "gaussian_rate_distortion",
    "high_resolution_sqnr_db",
    "laplace_shannon_bound",
    "lloyd_max",
    "panter_dite",
    "sine_sqnr_db",
    "sine_sqnr_exact_db",
    "uniform_distortion",
    "uniform_midrise",
    "uniform_noise_holds",
    "uniform_noise_variance",
]
