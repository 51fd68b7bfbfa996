"""What every result of a request has: the request's own labels on the slider."""

from __future__ import annotations

from typing import Protocol


class Labelled(Protocol):
    """A request that knows the stops of its slider."""

    @property
    def labels(self) -> tuple[str, ...]: ...


class OfRequest:
    """A result whose labels are those of its ``request``."""

    request: Labelled

    @property
    def labels(self) -> tuple[str, ...]:
        """The stops of the slider, as a person reads them."""
        return self.request.labels
