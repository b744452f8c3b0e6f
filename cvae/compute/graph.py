"""Records work as a CUDA graph: all its kernels then start with one call.

A step of a small network is thousands of kernels, and a GPU waits for the next one longer than it computes. What is recorded
reads and writes the same memory each time: inputs are copied into tensors that stay where they are.
"""

from __future__ import annotations

import contextlib
import logging
from collections import deque
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import torch

from cvae.errors import first_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    Recorder = Callable[[Callable[[], None]], Callable[[], None]]
    """Returns what does work again; raises `RuntimeError` where it cannot be recorded."""

Result = TypeVar("Result", bound="Tensor | tuple[Tensor, ...]")

_log = logging.getLogger("cvae")

WARM_UPS = 3
"""How often work is done before it is recorded: libraries choose their kernels and take their memory meanwhile."""


class CudaRecorder:
    """Records work on one GPU. All recordings share their memory: only one of them may run at a time."""

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._place: tuple[Any, torch.cuda.Stream] | None = None

    def __call__(self, work: Callable[[], None]) -> Callable[[], None]:
        """Do the work `WARM_UPS` times, record it, and return what does it again.

        Args:
            work: Reads and writes tensors that stay in place, and waits for none of them.

        Raises:
            RuntimeError: It cannot be recorded: it waits for the GPU, or there is not enough memory.
        """
        if self._place is None:  # one stream: memory of another one is not taken up again
            self._place = torch.cuda.graph_pool_handle(), torch.cuda.Stream(self._device)  # type: ignore[no-untyped-call]
        pool, stream = self._place
        before = torch.cuda.current_stream(self._device)
        stream.wait_stream(before)
        graph = torch.cuda.CUDAGraph()
        try:
            with torch.cuda.stream(stream):
                for _ in range(WARM_UPS):
                    work()
            # thread_local: other threads of the process may go on calling CUDA meanwhile
            with torch.cuda.graph(graph, pool=pool, stream=stream, capture_error_mode="thread_local"):
                work()
        except RuntimeError:
            self._end_recording(pool)
            raise
        finally:
            torch.cuda.set_stream(before)  # torch does not, where the recording fails
            before.wait_stream(stream)
        return graph.replay

    def _end_recording(self, pool: Any) -> None:
        """Have torch's allocator know that a recording has failed: before 2.13 it goes on as if it were recording for ever.

        Source:
            pytorch/pytorch, pull request 180395.
        """
        number = torch.cuda.current_device() if self._device.index is None else self._device.index
        with contextlib.suppress(RuntimeError, AttributeError):  # it knows
            torch._C._cuda_endAllocateToPool(number, pool)  # noqa: SLF001 - there is no other way


class Recorded(Generic[Result]):
    """A function of tensors that is recorded when it is first called; each call overwrites the result of the one before.

    Args:
        function: Computes a tensor, or several, of the others, without gradients.
        recorder: Records it. Where it cannot, the function is called as it is, and that is said once.
        name: What it computes, for that line: `predictions`.
    """

    def __init__(self, function: Callable[..., Result], recorder: Recorder, name: str) -> None:
        self._function, self._recorder, self._name = function, recorder, name
        self._given: list[Tensor] = []
        self._result: Result | None = None
        self._again: Callable[[], None] | None = None
        self._is_refused = False

    def __call__(self, *tensors: Tensor) -> Result:
        """Do as the function; it is called as it is for tensors of other shapes than those of the first call."""
        if self._again is None and not self._is_refused:
            self._record(tensors)
        if self._again is None or [given.shape for given in tensors] != [mine.shape for mine in self._given]:
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
            why = reason_of(error)
            _log.info("%s are computed call by call: they cannot be recorded: %s", self._name, why)


def reason_of(refusal: RuntimeError) -> str:
    """Why work could not be recorded, in a line.

    Where its error breaks a recording, ending that raises as well, and says only that it was broken.
    """
    return first_line(refusal.__context__ or refusal)


class CopyStream:
    """Brings tensors to a GPU while that computes on others."""

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._stream = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
        self._last: tuple[Tensor, ...] = ()
        self._in_use: deque[tuple[torch.cuda.Event, tuple[Tensor, ...]]] = deque()

    def bring(self, make: Callable[[], tuple[Tensor, ...]]) -> tuple[Tensor, ...]:
        """Call what copies, from pinned memory and without waiting; what computes from now on waits for it on the GPU.

        What computes on the tensors has to be started before the next call. They are kept until the GPU has done it. (Marked by
        `record_stream`, they would never be freed after a recording that failed, before torch 2.13.)
        """
        current = torch.cuda.current_stream(self._device)
        if self._last:
            self._in_use.append((current.record_event(), self._last))
        while self._in_use and self._in_use[0][0].query():  # type: ignore[no-untyped-call]
            self._in_use.popleft()
        with torch.cuda.stream(self._stream):
            self._last = make()
        current.wait_stream(self._stream)
        return self._last
