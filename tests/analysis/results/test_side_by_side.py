import json
from dataclasses import replace

from analysis.results.side_by_side import same_runs, side_by_side
from analysis.stats.findings import findings
from tests.analysis.judged import LOSS, judged


def with_code(sweep, digest):
    """The sweep with the same runs of other code."""
    tag = json.dumps({"digest": digest})
    return replace(
        sweep,
        results=tuple(
            replace(
                one,
                run=replace(
                    one.run, run_id=f"{digest}-{one.run.run_id}", tags={**one.run.tags, "sweeps.code": tag}
                ),
            )
            for one in sweep.results
        ),
    )


def test_the_record_is_one_more_setting_and_compared_although_its_code_differs():
    before = {"a": (80.0, 81.0, 79.5), "b": (60.0, 61.0, 59.0)}
    after = {"a": (70.0, 71.1, 69.5), "b": (50.1, 51.0, 49.0)}
    (joined,) = side_by_side(
        {
            "old": [with_code(judged(LOSS, ends=before), "aa11")],
            "new": [with_code(judged(LOSS, ends=after), "bb22")],
        }
    )
    assert joined.expected.axes == ("record", "optimizer", "seed")
    assert [one.trial.name for one in joined.results][::6] == ["a-seed0 (old)", "a-seed0 (new)"]
    assert [one.mark for one in joined.results][::6] == ["a", "b"]
    (found,) = findings([joined])
    asked = {finding.question: finding for finding in found}
    record = asked["Which record ends with the lower loss?"]
    assert record.answer.startswith("Lowest with record old (")
    assert record.answered
    assert asked["Which optimizer ends with the lower loss?"].answered


def test_what_a_record_lacks_is_missing_there():
    one, other = judged(LOSS), judged(LOSS)
    other = replace(other, results=(replace(other.results[0], run=None, curves={}), *other.results[1:]))
    (joined,) = side_by_side({"old": [one], "new": [other]})
    assert [(r.trial.name, r.state) for r in joined.results if r.state == "missing"] == [
        ("a-seed0 (new)", "missing")
    ]


def test_a_copy_of_a_store_is_told_from_runs_of_its_own():
    same = judged(LOSS)
    results = (replace(one, run=replace(one.run, run_id=one.trial.name)) for one in same.results)
    one = replace(same, results=tuple(results))
    (joined,) = side_by_side({"old": [one], "copy": [one]})
    count = len(one.results)
    assert same_runs(joined.results) == (
        f"{count} runs are the same in old and copy: one is a copy of the other there, and a run is compared with itself."
    )
    (apart,) = side_by_side({"old": [one], "new": [with_code(one, "aa11")]})
    assert same_runs(apart.results) == ""
