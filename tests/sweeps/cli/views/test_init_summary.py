from pathlib import Path

from sweeps.authoring.draft import Draft
from sweeps.authoring.probe import Probe
from sweeps.cli.views.init_summary import summary
from sweeps.commands.init import Initiated


def lines(draft=None, probe=None, out=Path("e.yaml"), options=2):
    return list(summary(Initiated(draft or Draft("x"), "argparse", options, probe), Path("t.py"), out))


def test_it_says_what_was_found_and_what_is_next():
    assert lines() == [
        "t.py: takes 2 options through argparse; ran nothing of it",
        "wrote e.yaml; e.schema.json beside it has an editor complete it",
        "next: sweep check e.yaml",
    ]
    assert lines(Draft("x", ("data",), 1))[1:3] == [
        "wrote e.yaml; 1 question in it, in a line `# ? ...`; e.schema.json beside it has an editor complete it",
        "fill in under `defaults:` first: data",
    ]
    assert lines(out=None, options=0) == ["t.py: takes no options; ran nothing of it"]


def test_it_says_how_a_probe_ended():
    failed = Probe((), (), (), (), 1, "ValueError: x", 2.0)
    assert lines(probe=failed)[1:4] == [
        "it ended with exit code 1 after 2 s; it printed 0 lines with metrics",
        "its last line: ValueError: x",
        "it showed no metrics; give it more time with --probe 60s, or smaller settings behind --",
    ]
