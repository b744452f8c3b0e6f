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
names = [name for name in ("wanted_module", "broken_module", "sweeps.runner.attempt") if name in sys.modules]
print(json.dumps([names, [place for place in sys.path if place in sys.argv], os.environ.get(sys.argv[1])]))
"""


def test_it_imports_what_is_wanted_and_leaves_what_it_cannot(tmp_path):
    (tmp_path / "wanted_module.py").touch()
    (tmp_path / "broken_module.py").write_text("raise ValueError\n")
    wanted = {"modules": ["broken_module", "missing_module", "wanted_module"], "path": [str(tmp_path)]}
    done = subprocess.run(
        [sys.executable, "-c", CODE, PRELOAD_VARIABLE, str(tmp_path)],
        env=os.environ | {PRELOAD_VARIABLE: json.dumps(wanted)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == [["wanted_module", "sweeps.runner.attempt"], [str(tmp_path)], None]
