"""Records work as a CUDA graph: all its kernels then start with one call.

A step of a small network is thousands of kernels, and a GPU waits for the next one longer than it computes. What is recorded
reads and writes the same memory each time: inputs are copied into tensors that stay where they are.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

_log = logging.getLogger("cvae")

WARM_UPS = 3
"""How often work is done before it is recorded: libraries choose their kernels and take their memory meanwhile."""


class CudaRecorder:
    """Records work on one GPU. All recordings share their memory: only one of them may run at a time.

    Args:
        device: The GPU.
    """

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._pool: Any = None

    def __call__(self, work: Callable[[], None]) -> Callable[[], None]:
        """Do the work `WARM_UPS` times, record it, and return what does it again.

        Args:
            work: Reads and writes tensors that stay in place, and waits for none of them.

        Raises:
            RuntimeError: It cannot be recorded: it waits for the GPU, or there is not enough memory.
        """
        if self._pool is None:
            self._pool = torch.cuda.graph_pool_handle()
        before, stream = torch.cuda.current_stream(self._device), torch.cuda.Stream(self._device)  # type: ignore[no-untyped-call]
        stream.wait_stream(before)
        graph = torch.cuda.CUDAGraph()
        try:
            with torch.cuda.stream(stream):
                for _ in range(WARM_UPS):
                    work()
            # thread_local: other threads of the process may go on calling CUDA meanwhile
            with torch.cuda.graph(graph, pool=self._pool, stream=stream, capture_error_mode="thread_local"):
                work()
        finally:
            torch.cuda.set_stream(before)  # torch does not, where the recording fails
            before.wait_stream(stream)
        return graph.replay


class Recorded:
    """A function of tensors that is recorded when it is first called; each call overwrites the result of the one before.

    Args:
        function: Computes one tensor of the others, without gradients.
        recorder: Records it. Where it cannot, the function is called as it is, and that is said once.
    """

    def __init__(
        self, function: Callable[..., Tensor], recorder: Callable[[Callable[[], None]], Callable[[], None]]
    ) -> None:
        self._function, self._recorder = function, recorder
        self._given: list[Tensor] = []
        self._result: Tensor | None = None
        self._again: Callable[[], None] | None = None
        self._is_refused = False

    def __call__(self, *tensors: Tensor) -> Tensor:
        """Do as the function. The tensors always have the shapes of the first call."""
        if self._again is None and not self._is_refused:
            self._record(tensors)
        if self._again is None:
            return self._function(*tensors)
        for mine, given in zip(self._given, tensors, strict=True):
            mine.copy_(given)
        self._again()
        assert self._result is not None  # noqa: S101 - it was recorded
        return self._result

    def _record(self, tensors: tuple[Tensor, ...]) -> None:
        self._given = [tensor.clone() for tensor in tensors]
        device, dtype = tensors[0].device.type, torch.get_autocast_dtype(tensors[0].device.type)
        is_mixed = torch.is_autocast_enabled(device)

        def work() -> None:
            # Without the cache: the weights that it has cast would be those of now in every later call.
            with torch.autocast(device, dtype, enabled=is_mixed, cache_enabled=False):
                self._result = self._function(*self._given)

        try:
            self._again = self._recorder(work)
        except RuntimeError as error:
            self._is_refused = True
            _log.info("predictions are computed call by call: they cannot be recorded: %s", first_line(error))


def first_line(error: Exception) -> str:
    """The first line of an error's text; of one without a text its type."""
    return next(iter(str(error).strip().splitlines()), type(error).__name__)


class CopyStream:
    """Brings tensors to a GPU while that computes on others.

    Args:
        device: The GPU.
    """

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._stream = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]

    def bring(self, make: Callable[[], tuple[Tensor, ...]]) -> tuple[Tensor, ...]:
        """Call what copies, from pinned memory and without waiting; what computes from now on waits for it on the GPU."""
        with torch.cuda.stream(self._stream):
            tensors = make()
        current = torch.cuda.current_stream(self._device)
        current.wait_stream(self._stream)
        for tensor in tensors:
            tensor.record_stream(current)
        return tensors
