"""A stand-in for a CUDA graph that works on a CPU: records the operations of some work with the tensors that they had.

As on a GPU, a number that the work reads is frozen, inputs are read from the tensors of the recording, and whatever waits
for a value is refused.
"""

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

WAITS = ("_local_scalar_dense", "is_nonzero", "equal.")


def _storages(values):
    return {
        leaf.untyped_storage().data_ptr() for leaf in tree_leaves(values) if isinstance(leaf, torch.Tensor)
    }


class _Recording(TorchDispatchMode):
    def __init__(self):
        super().__init__()
        self.calls = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        if any(name in str(func) for name in WAITS):
            raise RuntimeError(f"operation not permitted when stream is capturing: {func}")
        result = func(*args, **(kwargs or {}))
        self.calls.append((func, args, kwargs or {}, result))
        return result


class Recorder:
    """Records like `cvae.compute.graph.CudaRecorder`."""

    def __init__(self, warm_ups=1):
        self.warm_ups, self.recordings, self.replays = warm_ups, 0, 0

    def __call__(self, work):
        for _ in range(self.warm_ups):
            work()
        with _Recording() as recording:
            work()
        self.recordings += 1

        def replay():
            self.replays += 1
            with torch.no_grad():
                for func, args, kwargs, before in recording.calls:
                    if not func._schema.is_mutable and _storages(before) & _storages((args, kwargs)):
                        continue  # a view: it shows what its base holds
                    after = func(*args, **kwargs)
                    if not func._schema.is_mutable:
                        for old, new in zip(tree_leaves(before), tree_leaves(after), strict=True):
                            if isinstance(old, torch.Tensor):
                                old.copy_(new)

        return replay
