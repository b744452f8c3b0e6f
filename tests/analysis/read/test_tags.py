from analysis.read import tags

MLFLOWS = {
    "NOTE": "mlflow.note.content",
    "RUN_NAME": "mlflow.runName",
    "PARENT": "mlflow.parentRunId",
    "USER": "mlflow.user",
    "SOURCE_NAME": "mlflow.source.name",
    "SOURCE_TYPE": "mlflow.source.type",
    "GIT_COMMIT": "mlflow.source.git.commit",
}
"""Names that are MLflow's own."""


def test_the_names_of_the_tags_are_those_of_records_made_before():
    names = {name: value for name, value in vars(tags).items() if name.isupper()}
    own = {
        key: value
        for key, value in names.items()
        if not key.startswith("KIND_")
        and key not in {*MLFLOWS, "LONGEST", "OF_FOLDER", "TYPE_CHECKING", "UNKNOWN_EPOCHS"}
    }
    assert own == {key: f"sweeps.{key.lower()}" for key in own}
    assert (tags.KIND_SWEEP, tags.KIND_TRIAL) == ("sweep", "trial")
    assert {name: names[name] for name in MLFLOWS} == MLFLOWS


def test_epochs_are_unknown_where_there_are_metrics_and_nothing_counts_them():
    assert tags.epochs_text(0, has_metrics=False) == "0"
    assert tags.epochs_text(0, has_metrics=True) == tags.UNKNOWN_EPOCHS
    assert tags.epochs_text(7, has_metrics=True) == "7"


def test_seconds_are_recorded_where_they_are_known():
    assert tags.seconds_tag(None) == {}
    assert tags.seconds_tag(12.34567) == {tags.SECONDS: "12.346"}
