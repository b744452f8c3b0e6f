import pytest

from sweeps.planning.expansion import file_warnings
from sweeps.trainer.loader import load_trainer
from tests.sweeps.specs import FREE, read

WHERE = "sweeps.s.search.objective.acc: "
COUNTS = "the search judges trials by the {} value, and `measures:` by the {}; write `acc: {{direction: max, value: {}}}` to seek what counts"


@pytest.mark.parametrize(
    ("objective", "measure", "told"),
    [
        ("max", "{better: higher, value: mean}", COUNTS.format("last", "mean", "mean")),
        ("{direction: max, value: best}", "higher", COUNTS.format("best", "last", "last")),
        ("min", "higher", "seeks min, and `measures:` says that higher is better"),
        ("{direction: max, value: mean}", "{better: higher, value: mean}", None),
        ("max", "higher", None),
        ("max", "neither", None),
    ],
)
def test_an_objective_that_judges_otherwise_than_the_measure_of_its_metric_is_warned_of(
    tmp_path, objective, measure, told
):
    text = f"sweeps: {{s: {{search: {{space: {{x: {{float: [0, 1]}}}}, trials: 3, objective: {{acc: {objective}}}}}}}}}\n"
    spec = read(tmp_path, f"{text}measures: {{acc: {measure}, loss: {{better: lower, value: best}}}}", FREE)
    trainer, _ = load_trainer(spec.trainer)
    assert [one.message for one in file_warnings(spec, trainer, None)] == (
        [] if told is None else [f"{WHERE}{told}"]
    )
