import json

import pytest

from analysis.read.tags import LONGEST, SHARED_FILES, shared_files_of, shared_files_text
from analysis.results.shared_files import own_places, shared_files
from tests.analysis.recorded import result_of, trial


def run_of(name, **shared):
    run = result_of(trial(name, {"kl_anneal_type": "None"})).run
    run.tags.update({"sweeps.sweep": "a", "sweeps.trial": name, SHARED_FILES: json.dumps(shared)})
    return run


def test_runs_that_share_nothing_are_not_spoken_of():
    assert shared_files([result_of(trial("x", {"kl_anneal_type": "None"})).run, run_of("y")]) == ()


def test_files_are_named_with_all_trials_that_wrote_them_and_the_remedy():
    (said,) = shared_files(
        [run_of("x"), run_of("y", model="a/x", log="a/x"), run_of("z", model="a/x", log="a/x")]
    )
    assert said.startswith(
        "log, model changed while different trials ran (a/x, a/y, a/z), which may overwrite each other's; give each"
    )
    assert "{run_dir}" in said


def test_files_of_different_trials_have_a_sentence_each():
    assert len(shared_files([run_of("y", model="a/x"), run_of("z", log="a/y")])) == 2


@pytest.mark.parametrize("text", ["", "{", "[1]", "null"])
def test_a_tag_that_says_something_else_says_nothing(text):
    assert shared_files_of(text) == {}


def test_a_tag_holds_as_many_files_as_fit():
    found = {f"/w/{'x' * 200}/{number}": "a/x" for number in range(50)}
    text = shared_files_text(found)
    assert len(text) <= LONGEST
    assert 10 < len(shared_files_of(text)) < 50
    assert shared_files_of(shared_files_text({"/w/m": "a/x"})) == {"/w/m": "a/x"}


@pytest.mark.parametrize(
    ("config", "line"),
    [
        ({"results": "results/all.csv"}, 'results: "{run_dir}/all.csv"'),
        ({"io.table": "./all.csv"}, 'io.table: "{run_dir}/all.csv"'),
        ({"t": "/w/results/all.csv"}, 't: "{run_dir}/all.csv"'),
        ({"out": "results"}, 'out: "{run_dir}"'),
        ({"save_dir": "/w", "log": "results/all.csv"}, 'log: "{run_dir}/all.csv"'),
        ({"model": "results", "n": 3, "out": ".", "x": "", "data_dir": "/w"}, ""),  # no outputs, or nowhere
        ({"results": "other/all.csv", "out": "{run_dir}"}, ""),
    ],
)
def test_the_setting_that_names_a_shared_file_or_its_folder_is_the_remedy(config, line):
    path = "/w/results/all.csv"
    assert own_places([path], [{"lr": 0.1}, config]) == ((line,) if line else ())
    (said,) = shared_files([run_of("y", **{path: "a/x"})], [config])
    assert (f"set `{line}`" if line else "or `cwd:") in said
    assert ("trials that finished are `changed` then" in said) is bool(line)
