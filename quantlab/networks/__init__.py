"""Small networks, quantized for real: the only place that imports torch. Import it when the lab is opened, not before."""

import torch

from quantlab.networks.shipped import shipped

torch.set_num_threads(1)  # batches run on threads of ours: torch's own wait for each other after every operation

__all__ = ["shipped"]
