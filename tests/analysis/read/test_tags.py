from analysis.read import tags


def test_the_names_of_the_tags_are_those_of_records_made_before():
    names = {name: value for name, value in vars(tags).items() if name.isupper()}
    own = {
        key: value
        for key, value in names.items()
        if not key.startswith("KIND_") and key not in {"NOTE", "PARENT", "UNKNOWN_EPOCHS"}
    }
    assert own == {key: f"sweeps.{key.lower()}" for key in own}
    assert (tags.KIND_SWEEP, tags.KIND_TRIAL) == ("sweep", "trial")
    assert (tags.NOTE, tags.PARENT) == ("mlflow.note.content", "mlflow.parentRunId")
