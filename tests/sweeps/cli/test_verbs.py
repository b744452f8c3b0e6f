import json
import re
import shlex
from pathlib import Path

import pytest

from sweeps.cli import verbs
from tests.sweeps.specs import run_sweep


def listing(path):
    return sorted(p.name for p in path.rglob("*") if "__pycache__" not in p.parts)


def test_check_says_how_many_trials_a_fine_file_stands_for(here):
    done = run_sweep("check", "experiments.yaml")
    fine = "experiments.yaml: fine, profile quick; 18 trials (tfr-by-annealing 9, annealing 9)\n"
    assert (done.code, done.out, done.err) == (0, fine, "")
    done = run_sweep("check", "experiments.yaml", "--profile", "report", "--sweep", "annealing", "--json")
    assert json.loads(done.out) == {
        "file": "experiments.yaml",
        "profile": "report",
        "trials": {"annealing": 3},
    }


def test_check_warns_with_the_place_of_what_works_and_is_hardly_meant(here):
    (here / "e.yaml").write_text("trainer: {command: [python], resume: [--go-on]}\nsweeps: {a: {seeds: 2}}\n")
    done = run_sweep("check", "e.yaml")
    lines = done.out.splitlines()
    assert (done.code, lines[-1]) == (0, "e.yaml: fine; 2 trials (a 2)")
    (here / "one.yaml").write_text("trainer: {command: [python, '{lr}']}\nsweeps: {a: {grid: {lr: [1]}}}\n")
    assert run_sweep("check", "one.yaml").out.splitlines()[-1] == (
        "one.yaml: fine; 1 trial (a 1); nothing varies yet: `grid: {KEY: [VALUE, VALUE]}` makes more"
    )
    assert lines[0].startswith(
        "e.yaml:1:39: warning: trainer.resume: [--go-on] names no file, so it is added"
    )
    assert json.loads(run_sweep("check", "e.yaml", "--json").out)["warnings"] == [
        lines[0].replace("warning: ", "")
    ]


def test_read_only_verbs_leave_nothing_behind(here):
    for verb in (
        ["check"],
        ["plan"],
        ["plan", "--json"],
        ["status"],
        ["explain", "annealing/Monotonic-seed42"],
    ):
        assert run_sweep(verb[0], "experiments.yaml", *verb[1:]).code == 0
    assert listing(here) == ["experiments.yaml"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["check"], "Error: Missing argument 'FILE'."),
        (["check", "experiments.yaml", "--profil", "quick"], "No such option"),
        (["chek", "experiments.yaml"], "No such command 'chek'"),
        (["explain", "experiments.yaml"], "Error: Missing argument 'TRIAL'."),
        (["run", "experiments.yaml", "--jobs", "0"], "Invalid value for '--jobs'"),
    ],
)
def test_a_wrong_command_line_exits_with_2(arguments, message, here):
    done = run_sweep(*arguments)
    assert (done.code, done.out) == (2, "")
    assert message in done.err
    assert listing(here) == ["experiments.yaml"]


def test_every_command_has_its_help():
    overview = run_sweep("--help")
    words = " ".join(overview.out.split())
    assert overview.code == 0
    assert "Exit codes: 0 all done; 1 some trial failed; 2 the file or the command line is wrong" in words
    for verb in ("check", "plan", "run", "status", "logs", "explain", "report", "ui"):
        assert f"  {verb} " in overview.out
        assert run_sweep(verb, "--help").out.startswith("Usage: ")


HOSTILE = "[/data/x] [bold]a\x1b]0;OWNED\x07\x1b[2J\r\u202e\x9b <b>&amp; `id` |\nline"


@pytest.fixture
def hostile(recorded):
    """A file and a record in which every text that is a user's is hostile."""
    file = recorded(
        'defaults: {note: "[bold]\\e[2J\\u202e"}\nsweeps: {a: {grid: {lr: [1, 2], kind: ["\\e[2Jx"]}}}'
    )
    (one, other) = (row["trial"] for row in file.json("plan")["trials"])
    run_id = file.add(one, "failed", [("loss", 0, 1.0)], reason=HOSTILE)
    file.add(other, "finished", [("loss", 0, 1.0)], code='{"commit": "\x1b[2J"}')
    log = file.path / ".sweep" / "runs" / run_id / "attempt-1.log"
    log.parent.mkdir(parents=True)
    log.write_text(HOSTILE)
    return file, one, other


def steers(text):
    return sorted({c for c in text if not c.isprintable()} - {"\n"})


@pytest.mark.parametrize(
    "arguments",
    [
        *(
            ["check"],
            ["plan"],
            ["plan", "--json"],
            ["status"],
            ["status", "--json"],
            ["stop"],
            ["ui", "--port", "x\x1b[2J"],
        ),
        *(
            ["explain", "ONE"],
            ["explain", "ONE", "OTHER"],
            ["explain", "ONE", "--json"],
            ["logs", "ONE"],
            ["report"],
        ),
        *(
            ["run", "--only", "lr=1"],
            ["plan", "--only", "x=\x1b[2J"],
            ["logs", "\x1b[2J"],
            ["plan", "--profile", "\x1b[2J"],
        ),
        *(
            ["check", "--set", "\x1b[2J"],
            ["check", "--set", "k=[\x1b]"],
            ["plan", "--\x1b[2J"],
            ["plan", "--sweep", "\u202e"],
        ),
    ],
    ids=ascii,
)
def test_no_verb_lets_what_users_wrote_steer_the_terminal(arguments, hostile):
    file, one, other = hostile
    verb, *rest = [{"ONE": one, "OTHER": other}.get(word, word) for word in arguments]
    path = str(file.path / "e.yaml")
    done = run_sweep(verb, path, *rest) if verb == "check" else file.sweep(verb, *rest)
    assert (steers(done.out), steers(done.err)) == ([], [])
    assert done.out or done.err
    assert "Traceback" not in done.err


def test_a_report_shows_what_users_wrote_and_obeys_none_of_it(hostile):
    file, _, _ = hostile
    assert file.sweep("report", "--out", "figures").code == 0
    for name in ("report.md", "report.html"):
        text = (file.path / "figures" / name).read_text()
        assert [c for c in steers(text) if c != "\t"] == []
        assert r"0;OWNED\x07" in text
        assert "<b>&amp;" not in text


def test_all_that_is_printed_goes_through_the_two_doors():
    folder = Path(verbs.__file__).parent
    for module in sorted(folder.glob("*.py")):
        if module.name != "output.py":
            assert not re.search(
                r"click\.echo|click\.secho|sys\.std(out|err)\.write|Console\(\)", module.read_text()
            ), module


COMMAND = re.compile("`(sweep [^`]*)`")


def test_every_command_that_is_printed_is_one_that_works(hostile, monkeypatch):
    file, one, other = hostile
    monkeypatch.chdir(file.path)
    flags = ["--set", "note=it's [x] $HOME", "--only", "lr=1"]
    (file.path / "figures").mkdir()
    texts = [
        file.sweep("plan", *flags).out,
        file.sweep("logs", "nothing-like-it", *flags[:2]).err,
        file.sweep("logs", other, *flags[:2]).err,  # of a config that has no run yet
        file.sweep("run", "--only", "lr=1").out,
    ]
    assert file.sweep("report", "--out", "figures").code == 0
    texts.append((file.path / "figures" / "report.md").read_text())
    for number, text in enumerate(texts):
        commands = COMMAND.findall(text)
        assert commands, number
        for command in commands:
            _, verb, *words = shlex.split(command)
            context = verbs.cli.commands[verb].make_context(verb, words)
            assert context.params["tracking_uri"] == file.uri
            assert str(context.params["file"]) == str(file.path / "e.yaml")
            if number < 3:
                assert context.params["overrides"] == ("note=it's [x] $HOME",)
    selected = shlex.split(COMMAND.findall(texts[0])[0])
    again = run_sweep("plan", *selected[2:], "--json")
    assert [row["trial"] for row in json.loads(again.out)["trials"]] == [one]
