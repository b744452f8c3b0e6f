from pathlib import Path

from sweeps.authoring.drafting.draft import Draft
from sweeps.authoring.probing.probe import Probe
from sweeps.cli.views.init_summary import summary
from sweeps.commands.init import Initiated
from sweeps.sources.proposals.printed import PrintedForm


def lines(draft=None, probe=None, out=Path("e.yaml"), options=2, kind="argparse"):
    return list(summary(Initiated(draft or Draft("x"), kind, options, probe), Path("t.py"), out))


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
    (line,) = summary(Initiated(Draft("x"), "argparse", 1, None, 3), Path("t.py"), None)
    assert (
        line
        == "t.py: takes 1 option through argparse, and 3 settings from its config file; ran nothing of it"
    )
    assert lines(out=None, options=0, kind="nothing") == ["t.py: takes no options; ran nothing of it"]
    (line,) = lines(out=None, options=0, kind="gin")
    assert line == "t.py: takes options through gin that its source does not show; ran nothing of it"


def test_of_constants_it_says_which_file_sets_them():
    def told(keeps):
        done = Initiated(Draft("x"), "constants", 2, runner=Path("w.py"), keeps_runner=keeps)
        return list(summary(done, Path("t.py"), Path("e.yaml")))

    assert told(False)[0] == "t.py: takes no options; 2 constants at its top can be set; ran nothing of it"
    assert told(False)[2] == "wrote w.py beside it: it runs t.py with other values for its constants"
    assert told(True)[2].startswith("w.py is there already, and kept: it runs t.py")


def test_of_a_probe_that_shows_nothing_it_says_what_was_printed_last():
    failed = Probe((), (), (), (), 1, 2, ("Traceback", "ValueError: x"), 2.0)
    assert lines(probe=failed)[1:6] == [
        "it ended with exit code 1 after 2 s; it printed 2 lines, none with metrics",
        "what it printed last:",
        "  Traceback",
        "  ValueError: x",
        "it showed no metrics; correct what stopped it, or give it what it needs behind --",
    ]
    under_way = Probe((), (), (), (), None, 1, ("x" * 200,), 40.3)
    assert lines(probe=under_way)[1:5] == [
        "it was ended after 40 s; it printed 1 line, none with metrics",
        "what it printed last:",
        f"  {'x' * 107}...",
        "it showed no metrics; give it more time with --probe 80s, or smaller settings behind --",
    ]
    silent = Probe((), (), (), (), 0, 0, (), 1.0)
    assert lines(probe=silent)[1:3] == [
        "it ended with exit code 0 after 1 s; it printed 0 lines, none with metrics",
        "it showed no metrics; say below `metrics:` where they are: `sweep recipe` lists how",
    ]


def test_of_a_probe_that_shows_metrics_it_says_how_many():
    form = PrintedForm(("loss",), "epoch", "", 3, "")
    shown = Probe((form,), (), (), (), 0, 9, ("done",), 1.0)
    assert lines(probe=shown)[1:3] == [
        "it ended with exit code 0 after 1 s; it printed 9 lines, 3 with metrics",
        "wrote e.yaml; e.schema.json beside it has an editor complete it",
    ]
