"""What frameworks print last says nothing of a failure; the texts are those of real programs."""

import pytest

from sweeps.program.reasons.closing_lines import of_worker, without_closing
from sweeps.program.reasons.last_words import OOM, reason_of

HYDRA = "\nSet the environment variable HYDRA_FULL_ERROR=1 for a complete stack trace.\n"
PATH = """
Config search path:
	provider=hydra, path=pkg://hydra.conf
	provider=main, path=file:///x/conf
"""
NOT_THERE = (
    f"In 'config': Could not find 'model/linaer'\n\nAvailable options in 'model':\n\tlinear\n\tmlp{PATH}"
)
NO_KEY = """Could not override 'optim.lrr'.
To append to your config use +optim.lrr=1
Key 'lrr' is not in struct
    full_key: optim.lrr
    object_type=dict
"""
TWICE = """Could not append to config. An item is already at 'optim.lr'.
Either remove + prefix: 'optim.lr=1'
Or add a second + to add or override 'optim.lr': '++optim.lr=1'
"""
GRAMMAR = (
    "missing EQUAL at '<EOF>'\nSee https://hydra.cc/docs/1.2/advanced/override_grammar/basic for details\n"
)
TYRO = """╭─ Unrecognized options ──────────────────╮
│ Unrecognized options: --lrr, 1          │
│ ─────────────────────────────────────── │
│ Perhaps you meant:                      │
│     --lr FLOAT                          │
│ ─────────────────────────────────────── │
│ For full helptext, run t_tyro.py --help │
╰─────────────────────────────────────────╯
"""
TYPER = """Usage: x.py [OPTIONS]
Try 'x.py --help' for help.
╭─ Error ─────────────────╮
│ No such option: --lrr   │
╰─────────────────────────╯
"""
FIRE = """ERROR: Could not consume arg: --lrr
Usage: x.py <flags>
  optional flags:        --lr

For detailed information on this command, run:
  x.py - --help
"""
ABSL = "FATAL Flags parsing error: Unknown command line flag 'lrr'.\nPass --helpshort or --helpfull to see help on flags.\n"
CLICK = "Usage: x.py [OPTIONS]\nTry 'x.py --help' for help.\n\nError: No such option '--lrr'.\n"
OLD_CLICK = "Error: No such option '--lrr'.\nTry 'x.py --help' for help.\n"
HELP = "train.py: error: no data\nusage: train.py [-h]\n\noptions:\n  -h, --help  show this help message and exit\n"
LAUNCHED = """E1129 02:58:51.691000 30054 torch/distributed/elastic/multiprocessing/api.py:1002] failed (exitcode: {code})
Traceback (most recent call last):
  File "/x/torch/distributed/run.py", line 1032, in <module>
    main()
torch.distributed.elastic.multiprocessing.errors.ChildFailedError:
============================================================
train.py FAILED
------------------------------------------------------------
Root Cause (first observed failure):
[0]:
  rank      : 0 (local_rank: 0)
  exitcode  : {code} (pid: 30059)
  error_file: <N/A>
  traceback : {told}
============================================================
"""
NO_TRACEBACK = LAUNCHED.format(code=2, told="To enable traceback see: https://pytorch.org/docs")
KILLED = LAUNCHED.format(code=-9, told="Signal 9 (SIGKILL) received by PID 30059")
STARS = "*****************************************\n"
BANNER = f"{STARS}Setting OMP_NUM_THREADS environment variable for each process to be 1.\n{STARS}"
ACCELERATE = """Traceback (most recent call last):
  File "/x/accelerate/commands/launch.py", line 986, in simple_launcher
    raise subprocess.CalledProcessError(returncode=process.returncode, cmd=cmd)
subprocess.CalledProcessError: Command '['python', 'train.py']' returned non-zero exit status 2.
"""
RICH = """╭───────────────────── Traceback (most recent call last) ──────────────────────╮
│ /x/train.py:4 in <module>                                                    │
│ ❱ 4 main()                                                                   │
╰──────────────────────────────────────────────────────────────────────────────╯
ValueError: bad lr
"""


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (NOT_THERE + HYDRA, "In 'config': Could not find 'model/linaer'"),
        (f"loading\n{GRAMMAR}{HYDRA}", "missing EQUAL at '<EOF>'"),
        (
            f"Error parsing override 'lr'\n{GRAMMAR}{HYDRA}",
            "Error parsing override 'lr': missing EQUAL at '<EOF>'",
        ),
        (NO_KEY + HYDRA, "Could not override 'optim.lrr'."),
        (TWICE + HYDRA, "Could not append to config. An item is already at 'optim.lr'."),
        (f"Cannot find primary config 'nope'.\n{PATH}{HYDRA}", "Cannot find primary config 'nope'."),
        (HYDRA, HYDRA.strip()),
        (TYRO, "Unrecognized options: --lrr, 1"),
        (TYPER, "No such option: --lrr"),
        (FIRE, "ERROR: Could not consume arg: --lrr"),
        (ABSL, "FATAL Flags parsing error: Unknown command line flag 'lrr'."),
        (CLICK, "Error: No such option '--lrr'."),
        (OLD_CLICK, "Error: No such option '--lrr'."),
        (HELP, "train.py: error: no data"),
        ("usage: train.py DATA\nno data here\n", "no data here"),
        ("no data\nwandb: View run at x\nwandb: Find logs at: y\n", "no data"),
        ("no data\nmake: *** [Makefile:2: train] Error 1\n", "no data"),
        ("no data\n==========\n", "no data"),
        ("==========\n", "=========="),
        (RICH, "ValueError: bad lr"),
        (f"{RICH}wandb: bye\n", "ValueError: bad lr"),
        (BANNER + "usage: x\ntrain.py: error: no data\n" + NO_TRACEBACK, "train.py: error: no data"),
        (BANNER + RICH + NO_TRACEBACK, "ValueError: bad lr"),
        (BANNER + "step 1\n" + KILLED, "Signal 9 (SIGKILL) received"),
        (KILLED, "Signal 9 (SIGKILL) received"),
        (NO_TRACEBACK, "torch.distributed.elastic.multiprocessing.errors.ChildFailedError:"),
        (BANNER + "CUDA error: out of memory\nAborted\n" + NO_TRACEBACK, OOM),
        ("train.py: error: no data\n" + ACCELERATE, "train.py: error: no data"),
        (
            "step 1\n" + ACCELERATE.replace("accelerate/commands", "mine"),
            "subprocess.CalledProcessError: Command '['python', 'train.py']' returned non-zero exit status 2.",
        ),
    ],
)
def test_a_reason_is_what_stands_before_the_closing_lines(text, reason):
    assert reason_of(text) == reason


def test_lines_that_all_say_nothing_stay():
    assert without_closing(["wandb: a", "wandb: b"]) == ["wandb: a", "wandb: b"]
    assert without_closing(["╭──╮", "╰──╯"]) == ["╭──╮", "╰──╯"]
    assert of_worker(["wandb: a"], []) == []
