import pytest

from analysis.results.criterion import HIGHER, LOWER, NEITHER, Criterion
from sweeps.errors import SpecError
from sweeps.planning.expansion import expand
from sweeps.trainer.loader import load_trainer
from tests.sweeps.specs import FREE, read

SWEEP = "sweeps: {a: {grid: {x: [1]}}}\n"
F1 = 'val/f1: {better: higher, unit: "%", baseline: val/majority}'


def test_a_measure_is_a_metric_with_the_way_that_is_better(tmp_path):
    assert read(
        tmp_path, f"{SWEEP}measures: {{{F1}, loss: lower, acc: {{better: higher, baseline: 10}}}}", FREE
    ).measures == (
        Criterion("val/f1", HIGHER, "%", "val/majority"),
        Criterion("loss", LOWER),
        Criterion("acc", HIGHER, "", 10.0),
    )


def test_the_best_value_may_count_in_place_of_the_last(tmp_path):
    text = f"{SWEEP}measures: {{loss: {{better: lower, value: best}}, acc: {{better: higher, value: last}}}}"
    assert read(tmp_path, text, FREE).measures == (
        Criterion("loss", LOWER, value="best"),
        Criterion("acc", HIGHER),
    )


def test_an_average_may_count_in_place_of_the_last(tmp_path):
    text = f"{SWEEP}measures: {{r: {{better: higher, value: tail}}, acc: {{better: higher, value: mean}}}}"
    assert read(tmp_path, text, FREE).measures == (
        Criterion("r", HIGHER, value="tail"),
        Criterion("acc", HIGHER, value="mean"),
    )


def test_neither_way_may_be_better(tmp_path):
    text = f"{SWEEP}measures: {{r: neither, s: {{better: neither, unit: days, value: tail}}, loss: lower}}"
    assert read(tmp_path, text, FREE).measures == (
        Criterion("r", NEITHER),
        Criterion("s", NEITHER, "days", value="tail"),
        Criterion("loss", LOWER),
    )


def test_a_sweep_may_have_its_own(tmp_path):
    text = f"sweeps: {{a: {{grid: {{x: [1]}}}}, b: {{grid: {{x: [2]}}, measures: {{loss: lower}}}}}}\nmeasures: {{{F1}}}"
    spec = read(tmp_path, text, FREE)
    assert [one.metric for name in ("a", "b") for one in spec.measures_of(name)] == ["val/f1", "loss"]


def test_measures_are_part_of_no_fingerprint(tmp_path):
    def fingerprints(text):
        spec = read(tmp_path, SWEEP + text, FREE)
        (sweep,) = expand(spec, load_trainer(spec.trainer)[0]).sweeps
        return [trial.fingerprint for trial in sweep.trials]

    assert fingerprints("") == fingerprints(f"measures: {{{F1}}}")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "{f: {better: max}}",
            "measures.f.better: 'max' is not one of higher, lower, neither; did you mean 'higher'?",
        ),
        ("{f: lowr}", "measures.f: 'lowr' is not one of higher, lower, neither; did you mean 'lower'?"),
        ("{f: neithr}", "measures.f: 'neithr' is not one of higher, lower, neither; did you mean 'neither'?"),
        ("{f: none}", "measures.f: 'none' is not one of higher, lower, neither; did you mean 'neither'?"),
        (
            "{f: {better: neither, baseline: 3}}",
            "measures.f.baseline: has to be beaten, which takes a way that is better; write `better: higher`",
        ),
        (
            "{f: {better: neither, value: best}}",
            "measures.f.value: of a measure with `better: neither` no value is the best one; write last, tail or mean",
        ),
        ("{f: 3}", "measures.f: 3 is not one of higher, lower, neither"),
        (
            "{f: {unit: x}}",
            "measures.f: does not say which way is better; add `better: higher` or `better: lower`",
        ),
        ("{f: {better: lower, basline: g}}", "measures.f: unknown key 'basline'; did you mean 'baseline'?"),
        ("{f: {better: lower, baseline: f}}", "measures.f.baseline: is the metric itself"),
        ("{f: {better: lower, baseline: frame/f}}", "measures.f.baseline: of two metrics that are compared"),
        ("{f: {better: lower, unit: a very long text}}", "measures.f.unit: a unit has at most 12 characters"),
        ("{f: {better: lower, baseline: .nan}}", "measures.f.baseline: must be a finite number, not"),
        (
            "{f: {better: lower, value: bst}}",
            "measures.f.value: 'bst' is not one of last, best, tail, mean; did you mean 'best'?",
        ),
        (
            "{frame/f: {better: lower, value: best}}",
            "measures.frame/f.value: of a metric over frames the mean counts",
        ),
        ("{}", "measures: names no metric; write for example `measures: {val/f1: {better: higher}}`"),
        ("[f]", "measures: must be a mapping of keys to values"),
    ],
)
def test_what_is_wrong_with_a_measure_is_said_with_what_would_be_right(tmp_path, text, problem):
    with pytest.raises(SpecError) as caught:
        read(tmp_path, f"{SWEEP}measures: {text}", FREE)
    assert problem in str(caught.value)
