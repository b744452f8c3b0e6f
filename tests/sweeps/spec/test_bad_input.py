"""For each wrong file in bad_input/, `sweep` prints exactly the messages of the .txt beside it.

The .txt is a transcript: the command, such as `$ sweep check NAME.yaml`, then its stderr. To add a case, write both files.
The `.module` files are Python modules that the trainers of the cases name.
"""

import shlex
import shutil
from pathlib import Path

import pytest

from tests.sweeps.specs import run_sweep

CORPUS = Path(__file__).parent / "bad_input"
CASES = sorted(path.stem for path in CORPUS.glob("*.txt"))


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """A directory with the whole corpus, for all tests: each sees that it leaves nothing there."""
    folder = tmp_path_factory.mktemp("corpus")
    for path in CORPUS.iterdir():
        shutil.copy(path, folder / path.name.replace(".module", ".py"))
    return folder


@pytest.fixture
def here(corpus, monkeypatch):
    """The corpus as the working directory; what it finds of Python modules is forgotten afterwards."""
    monkeypatch.chdir(corpus)
    monkeypatch.syspath_prepend(corpus)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.delenv("SWEEP_HOME", raising=False)
    return corpus


def listing(path):
    return sorted(p.name for p in path.rglob("*") if "__pycache__" not in p.parts)


@pytest.mark.parametrize("case", CASES)
def test_all_problems_of_a_wrong_file_are_reported_and_nothing_is_left_behind(case, here):
    command, _, messages = (CORPUS / f"{case}.txt").read_text(encoding="utf-8").partition("\n")
    before = listing(here)
    done = run_sweep(*shlex.split(command.removeprefix("$ sweep ")))
    assert (done.err, done.out, done.code) == (messages, "", 2)
    assert listing(here) == before


def test_every_wrong_file_has_its_transcript():
    commands = [(CORPUS / f"{case}.txt").read_text(encoding="utf-8").partition("\n")[0] for case in CASES]
    used = {word for command in commands for word in shlex.split(command)}
    files = {path.name for path in CORPUS.glob("*.yaml")}
    assert files <= used
    assert len(files) >= 40


@pytest.mark.parametrize("case", CASES)
def test_every_message_names_a_place_and_ends_without_a_traceback(case):
    _, _, messages = (CORPUS / f"{case}.txt").read_text(encoding="utf-8").partition("\n")
    assert messages.strip()
    assert "Traceback" not in messages
    assert all(len(line) < 400 for line in messages.splitlines())


@pytest.mark.parametrize(
    "verb",
    [
        *(["check"], ["check", "--json"], ["plan"], ["plan", "--json"], ["run"], ["status"]),
        *(["explain", "tfr0"], ["logs", "tfr0"], ["report"]),
    ],
    ids=" ".join,
)
def test_every_verb_refuses_a_wrong_file_alike(verb, here):
    before = listing(here)
    name, *rest = verb
    done = run_sweep(name, "out_of_range.yaml", *rest)
    messages = (CORPUS / "out_of_range.txt").read_text().partition("\n")[2]
    assert (done.err, done.out, done.code) == (messages, "", 2)
    assert listing(here) == before


SPACE = "{{search: {{space: {space}, objective: {{loss: min}}, trials: 3{more}}}}}"
GRID = "{{search: {{space: {space}, objective: {{loss: min}}, trials: 3, sampler: grid}}}}"


def numbered(form, count):
    return ", ".join(form.format(number) for number in range(count))


@pytest.mark.parametrize(
    ("sweep", "code"),
    [
        (SPACE.format(space="{n: {int: [0, 1000000000]}}", more=""), 0),
        (SPACE.format(space="{n: {int: [1, 1000000000], log: true}}", more=""), 0),
        (SPACE.format(space="{n: {int: [0, 1000000000]}, x: {float: [0, 1], when: {n: 77}}}", more=""), 0),
        (SPACE.format(space="{x: {float: [0, 1], step: 1e-12}}", more=", enqueue: [{x: 0.5}]"), 0),
        (SPACE.format(space="{x: {float: [0, 1], step: 1e-300}}", more=""), 2),
        (SPACE.format(space=f"{{n: {{int: [0, 1{'0' * 400}]}}}}", more=""), 2),
        (SPACE.format(space=f"{{x: {{float: [0, 1{'0' * 400}]}}}}", more=""), 2),
        (SPACE.format(space=f"{{c: {{choice: [{numbered('{}', 3000)}]}}}}", more=""), 0),
        (GRID.format(space="{n: {int: [0, 1000000000]}}"), 2),
        (GRID.format(space="{n: {int: [0, 1000000]}, m: {int: [0, 1000000]}}"), 2),
        ("{grid: {a: [1]}, seeds: 1000000000}", 2),
        (f"{{grid: {{a: [0x{'f' * 5000}]}}}}", 2),
        (f"{{set: {{{numbered('k{}: 1', 3000)}}}}}", 0),
        (f"{{grid: {{a: {'[' * 3000}1{']' * 3000}}}}}", 2),
        (f"{{grid: {{a: ['{'x' * 300_000}']}}}}", 0),
        (f"{{{'grid' * 60}: 1, {'grad' * 60_000}: 1}}", 2),
    ],
    ids=lambda value: str(value)[:80],
)
def test_a_check_answers_however_much_a_file_asks_for(sweep, code, tmp_path):
    """Whoever lists what should be counted does not come back: the test's time limit says so."""
    file = tmp_path / "e.yaml"
    file.write_text(f"experiment: e\ntrainer: {{command: [python]}}\nsweeps: {{a: {sweep}}}\n")
    done = run_sweep("check", str(file))
    assert done.code == code, done.err[:300]
    assert len(done.err) < 1000
