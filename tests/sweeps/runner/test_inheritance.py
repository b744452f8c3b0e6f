"""What a forked attempt has for itself: threads as many as it was given, and random numbers of its own."""

import json
import os
import subprocess
import sys

import pytest

FORKED = """
import json, os, sys
import numpy, torch, threadpoolctl
from sweeps.runner import inheritance
inheritance.find_pools()
torch.rand(1), numpy.random.rand(1)
if os.fork() == 0:
    inheritance.make_own(int(sys.argv[1]))
    blas = {pool["num_threads"] for pool in threadpoolctl.threadpool_info() if pool["user_api"] == "blas"}
    told = [torch.get_num_threads(), sorted(blas), os.environ["OPENBLAS_NUM_THREADS"]]
    print(json.dumps([told, torch.rand(1).item(), numpy.random.rand()]), flush=True)
    os._exit(0)
os.wait()
print(json.dumps([[], torch.rand(1).item(), numpy.random.rand()]))
"""


@pytest.mark.parametrize("threads", [1, 3])
def test_libraries_that_were_loaded_before_the_fork_use_as_many_threads_as_are_leased(threads):
    pytest.importorskip("torch", reason="`make versions` installs no torch")
    environment = os.environ | {"OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", FORKED, str(threads)],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    child, parent = map(json.loads, done.stdout.splitlines())
    assert child[0] == [threads, [threads], str(threads)]
    assert child[1] != parent[1]
    assert child[2] != parent[2]
