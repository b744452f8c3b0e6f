"""Words that resume are added where what they go on from is there, and only then."""

import pytest

from sweeps.program.resuming import Resuming, warnings
from sweeps.program.template import TrialValues
from tests.sweeps.specs import read


@pytest.fixture
def values(tmp_path):
    (tmp_path / "run[1]/work").mkdir(parents=True)
    own = {"run_dir": f"{tmp_path}/run[1]", "trial": "t", "run_id": "r"}
    return TrialValues({"n": 3}, own, f"{tmp_path}/run[1]/work")


def said(tmp_path, text):
    head = f"trainer: {{command: [python], resume: {text}}}\n"
    return read(tmp_path, "sweeps: {a: {seeds: 1}}\n", head=head).trainer.surroundings.resume


@pytest.mark.parametrize(
    ("text", "file", "words"),
    [
        ("[--ckpt, '{newest:{run_dir}/*.pt}']", "a.pt", ("--ckpt", "{}/a.pt")),
        ("['--from={run_dir}/a.pt']", "a.pt", ("--from={}/a.pt",)),
        ("[--from, '{newest:*.pt}']", "work/a.pt", ("--from", "a.pt")),
        ("{when: '{run_dir}/a.pt', add: [--go-on, '{n}']}", "a.pt", ("--go-on", "3")),
        ("{when: 'out/*.pt', add: [--go-on]}", "work/out/a.pt", ("--go-on",)),
        ("{when: '{run_dir}/**/*.pt', add: [--go-on]}", "x/y/a.pt", ("--go-on",)),
        ("{when: '{newest:{run_dir}/*.pt}', add: [--go-on]}", "a.pt", ("--go-on",)),
        ("{when: a.pt, add: [--last, '{newest:*.pt}']}", "work/a.pt", ("--last", "a.pt")),
    ],
)
def test_words_wait_for_their_file(tmp_path, values, text, file, words):
    resuming = Resuming.of(said(tmp_path, text))
    assert resuming.words(values) == ()
    made = tmp_path / "run[1]" / file
    made.parent.mkdir(parents=True, exist_ok=True)
    made.touch()
    assert resuming.words(values) == tuple(word.format(f"{tmp_path}/run[1]") for word in words)


@pytest.mark.parametrize("text", ["[--go-on]", "{add: [--go-on]}", "[--go-on, '{n}']"])
def test_words_without_a_file_are_always_added(tmp_path, values, text):
    assert Resuming.of(said(tmp_path, text)).words(values)[0] == "--go-on"


@pytest.mark.parametrize("text", ["[--init_from=resume]", "[--resume, '{run_dir}']", "['{run_dir}/', a.pt]"])
def test_a_list_that_names_no_file_is_told_with_what_to_write(tmp_path, text):
    (warning,) = warnings(said(tmp_path, text))
    assert "names no file, so it is added before there is a checkpoint, too" in (warning.message)
    assert 'write {when: "{run_dir}/ckpt.pt", add: [' in warning.message
    assert warning.place.line == 1


@pytest.mark.parametrize(
    "text", ["[]", "['{newest:{run_dir}/*}']", "['--x={run_dir}/a']", "{add: [--x]}", "{when: a, add: [--x]}"]
)
def test_what_is_meant_is_not_told(tmp_path, text):
    assert list(warnings(said(tmp_path, text))) == []


@pytest.mark.parametrize("text", ["['--from={run_dir}/LONG']", "{when: LONG, add: [--go-on]}"])
def test_a_name_that_no_file_can_have_is_not_there(tmp_path, values, text):
    assert Resuming.of(said(tmp_path, text.replace("LONG", "x" * 300))).words(values) == ()
