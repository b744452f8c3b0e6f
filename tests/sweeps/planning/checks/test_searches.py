"""What `sweep check` warns of in searches: by the file alone."""

import pytest

from sweeps.planning.checks.searches import drawn_examples, search_warnings
from tests.sweeps.specs import read

HEAD = r"""
trainer:
  command: [python, train.py, "{args}"]
  args: argparse
  metrics:
    - {stdout: 'epoch (?P<epoch>\d+) acc (?P<acc>\S+) (?P<time>\S+)s', step: epoch}
    - {stdout: 'size (?P<size>\S+)', step: final}
"""
FILE = """
{more}
sweeps:
  s:
    search:
      space: {space}
      objective: {objective}
      trials: 3
      {parts}
"""


def spec_of(tmp_path, *, space="{lr: {float: [0, 1]}}", objective="{acc: max}", parts="", more="", head=HEAD):
    text = FILE.format(space=space, objective=objective, parts=parts, more=more)
    return read(tmp_path, text, head=head)


def warnings(tmp_path, **changed):
    return [problem.message for problem in search_warnings(spec_of(tmp_path, **changed))]


def test_of_a_search_that_is_right_nothing_is_said(tmp_path):
    more = "measures: {acc: higher}"
    assert warnings(tmp_path, parts="pruner: median", more=more) == []
    assert warnings(tmp_path, objective="{size: min}", parts="sampler: cmaes") == []


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"objective": "{size: min}", "parts": "pruner: median"}, "so median can never prune by it"),
        ({"objective": "{ac: max}"}, "no pattern of `metrics` gives it, unless the program logs it to MLflow; did"),
        ({"space": "{seed: {int: [0, 50]}}"}, "would choose the luckiest seed"),
        ({"space": "{kind: {choice: [a, b]}}", "parts": "sampler: cmaes"}, "cmaes learns nothing of choices"),
    ],
)  # fmt: skip
def test_what_its_author_will_not_have_meant_is_said_once(tmp_path, changed, message):
    (found,) = warnings(tmp_path, **changed)
    assert message in found


@pytest.mark.parametrize("source", ["{jsonl: metrics.jsonl}", r"{stdout: '(?P<name>\w+)=(?P<value>\S+)'}"])
def test_where_a_source_may_give_any_metric_no_name_is_called_wrong(tmp_path, source):
    head = f"{HEAD}    - {source}\n"
    assert warnings(tmp_path, objective="{whatever: max}", head=head) == []


def test_a_metric_that_the_program_calls_time_is_no_sum_of_epochs(tmp_path):
    search = spec_of(tmp_path, objective="{time: min, acc: max}").sweeps[0].search
    assert [one.metric for one in search.measures] == ["time", "acc"]  # what `sweep status` shows of it
    (own,) = spec_of(tmp_path, objective="{time: min}").sweeps[0].search.objectives
    assert (own.key, own.value({0: 3.0, 1: 2.0})) == ("time", 2.0)
    head = HEAD.replace("(?P<time>", "(?P<s>")
    (of_epochs,) = spec_of(tmp_path, objective="{time: min}", head=head).sweeps[0].search.objectives
    assert (of_epochs.key, of_epochs.value({0: 3.0, 1: 2.0})) == ("time/epoch_s", 5.0)


def test_an_example_of_a_drawn_float_is_hardly_a_whole_number_unless_its_steps_are(tmp_path):
    spec = spec_of(
        tmp_path,
        space="{lr: {float: [16, 64]}, tfr: {float: [0, 8], step: 2}, n: {int: [1, 9]}, k: {choice: [1]}}",
    )
    examples = {key: setting.value for key, setting in drawn_examples(spec)}
    assert examples == {"lr": pytest.approx(34.3, abs=0.1), "tfr": 4.0}
