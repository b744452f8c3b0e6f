"""What the forkserver imports before the first attempt."""

import json
import os
import subprocess
import sys

from sweeps.runner.preload import PRELOAD_VARIABLE

CODE = """
import json, os, sys
import multiprocessing.forkserver
import sweeps.runner.preload
names = [name for name in ("wanted_module", "numpy", "sweeps.runner.attempt") if name in sys.modules]
threads = len(os.listdir("/proc/self/task")) if sys.platform == "linux" else 1
print(json.dumps([names, threads, [place for place in sys.path if place in sys.argv], os.environ.get(sys.argv[1])]))
"""


def test_it_imports_the_libraries_of_a_trainer_with_one_thread_and_not_the_trainer(tmp_path):
    (tmp_path / "wanted_module.py").write_text("import numpy, missing_module\nraise ValueError\n")
    wanted = {"modules": ["wanted_module", "missing_module"], "path": [str(tmp_path)]}
    done = subprocess.run(
        [sys.executable, "-c", CODE, PRELOAD_VARIABLE, str(tmp_path)],
        env=os.environ | {PRELOAD_VARIABLE: json.dumps(wanted)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == [["numpy", "sweeps.runner.attempt"], 1, [str(tmp_path)], None]
