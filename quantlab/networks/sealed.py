"""Bytes with a checksum before them, as the array that a store keeps: damage of any kind is seen.

>>> opened(sealed(b"weights"))
b'weights'
>>> opened(sealed(b"weights")[:-1]) is None
True
"""

from __future__ import annotations

import hashlib

import numpy as np

_LENGTH = 32  # bytes of a SHA-256


def sealed(content: bytes) -> np.ndarray:
    """uint8 (32 + bytes,)."""
    return np.frombuffer(hashlib.sha256(content).digest() + content, np.uint8)


def opened(kept: np.ndarray | None) -> bytes | None:
    """The content; None where there is none or it is not what was sealed."""
    if kept is None or kept.dtype != np.uint8:
        return None
    content = kept.tobytes()
    return content[_LENGTH:] if hashlib.sha256(content[_LENGTH:]).digest() == content[:_LENGTH] else None
