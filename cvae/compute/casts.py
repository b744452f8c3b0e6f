"""Casts weights once for many calls.

Autocast keeps what it has cast until its block ends. But code that is compiled casts all weights in each call, and so does a
recording of one call: of the report's network 69 for each frame, and as many biases.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from torch import Tensor, nn

    Place = tuple[dict[str, nn.Parameter | None], str, nn.Parameter]
    """Where a layer looks a weight up: its dictionary, the name, and the weight itself."""


def places(layers: Iterable[nn.Module]) -> list[Place]:
    """The weights and biases of some layers, found where `torch.func.functional_call` exchanges them, too."""
    return [
        (layer._parameters, name, weight)  # noqa: SLF001 - that takes a `forward`
        for layer in layers
        for name, weight in layer._parameters.items()  # noqa: SLF001
        if weight is not None
    ]


@contextmanager
def exchanged(where: Sequence[Place], tensors: Iterable[Tensor]) -> Iterator[None]:
    """Have layers read these tensors in place of their weights, in a `with` block."""
    for (weights, name, _), tensor in zip(where, tensors, strict=True):
        weights[name] = tensor  # type: ignore[assignment]  # a layer only reads it
    try:
        yield
    finally:
        for weights, name, own in where:
            weights[name] = own


@contextmanager
def cast_once(layers: Iterable[nn.Module], dtype: torch.dtype) -> Iterator[None]:
    """Have layers read their weights in another type in a `with` block; gradients arrive at the weights themselves.

    The gradients of all calls are added up in that type, and cast once, as autocast does. Biases are left out: compiled code
    casts them where it adds them, without a kernel of its own.
    """
    where = [place for place in places(layers) if place[1] == "weight"]
    with exchanged(where, [weight.to(dtype) for *_, weight in where]):
        yield


class KeptCasts:
    """Weights and biases of layers in another type, without gradients, in tensors that stay where they are."""

    def __init__(self, layers: Iterable[nn.Module], dtype: torch.dtype) -> None:
        self._where = places(layers)
        self._cast = [weight.detach().to(dtype) for *_, weight in self._where]

    def renew(self) -> None:
        """Take the weights as they are now."""
        with torch.no_grad():
            torch._foreach_copy_(self._cast, [weight for *_, weight in self._where])

    @contextmanager
    def read(self) -> Iterator[None]:
        """Have the layers read them in a `with` block."""
        with exchanged(self._where, self._cast):
            yield
