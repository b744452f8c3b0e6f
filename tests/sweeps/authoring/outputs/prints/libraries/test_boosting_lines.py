import pytest

from sweeps.authoring.outputs.prints.libraries.boosting_lines import boosting_lines
from sweeps.sources.formats.output import Pattern
from tests.sweeps.authoring.scripts import drafted, script_of

XGBOOST = "import xgboost as xgb\nxgb.train({}, d, 9, evals=[(d, 'train')])\n"
LIGHTGBM = "import lightgbm as lgb\nlgb.train({}, d, valid_sets=[d], callbacks=[lgb.log_evaluation(5)])\n"
CATBOOST = (
    "from catboost import CatBoostClassifier\nCatBoostClassifier(iterations=9).fit(x, y, eval_set=(x, y))\n"
)


def read_by(source, line):
    return {
        name: value for found in Pattern(source.text).matches(line) for name, value in found.values.items()
    }


@pytest.mark.parametrize(
    ("text", "line", "shown"),
    [
        (XGBOOST, "[3]\ttrain-auc:0.81250\tvalidation_0-ndcg@5:nan", ["train-auc", "validation_0-ndcg@5"]),
        (XGBOOST.replace("evals=", ""), "[3]\ttest-error:0.1", ["test-error"]),
        (LIGHTGBM, "[3]\ttraining's l2: 0.245\tvalid_1's auc: 7.5e-05", ["training's l2", "valid_1's auc"]),
        (CATBOOST, "3:\tlearn: 0.69\ttest: 0.68\tbest: 0.68 (3)\ttotal: 2ms", ["learn", "test"]),
    ],
)
def test_a_round_is_read_with_all_its_metrics(tmp_path, text, line, shown):
    leader, metrics = boosting_lines(script_of(tmp_path, text))
    assert (leader.leads, read_by(leader, line)) == (True, {"iteration": 3.0})
    assert metrics.step == "carried"
    assert list(read_by(metrics, line)) == shown
    assert "step: iteration" in drafted(tmp_path, text).text


@pytest.mark.parametrize("line", ["[LightGBM] [Info] Total Bins 510", "[3] loss: 0.5", "3: done"])
def test_other_lines_are_no_rounds(tmp_path, line):
    for text in (XGBOOST, LIGHTGBM, CATBOOST):
        assert not any(read_by(source, line) for source in boosting_lines(script_of(tmp_path, text)))


@pytest.mark.parametrize(
    "text",
    [
        XGBOOST.replace("evals=", "verbose_eval=False, evals="),
        XGBOOST.replace(", evals=[(d, 'train')]", ""),
        "from xgboost import XGBClassifier\nXGBClassifier(verbose=False).fit(x, y, eval_set=[(x, y)])\n",
        LIGHTGBM.replace(", callbacks=[lgb.log_evaluation(5)]", ""),
        CATBOOST.replace("iterations=9", "logging_level='Silent'"),
        CATBOOST.replace("catboost", "sklearn"),
    ],
)
def test_what_is_silent_or_of_another_package_is_not_read(tmp_path, text):
    assert boosting_lines(script_of(tmp_path, text)) == []
