"""Repairs of a network after training, one method a file: see README.md."""

from quantlab.networks.engine.repair.base import METHODS as METHODS
from quantlab.networks.engine.repair.base import Method as Method
