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
        and key
        not in {
            *MLFLOWS,
            "LARGE",
            "LONGEST",
            "MOST_ANEW",
            "NOT_ANEW",
            "OF_FOLDER",
            "THEN",
            "TYPE_CHECKING",
            "UNKNOWN_EPOCHS",
        }
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


def test_what_began_anew_is_read_as_it_was_written_and_of_many_metrics_the_first():
    assert [tags.anew_of(tags.anew_text(said)) for said in ({}, {"loss": 3})] == [{}, {"loss": 3}]
    assert [tags.anew_of(wrong) for wrong in ("", "[]", "3", '{"loss": "x"}')] == [None] * 4
    assert len(tags.anew_of(tags.anew_text({f"m{number}": 1 for number in range(99)}))) == tags.MOST_ANEW


def test_files_are_read_as_they_were_written_and_of_small_ones_the_digest_alone():
    large = tags.FileState("ab", tags.LARGE + 1, 7)
    huge = tags.FileState(None, 1 << 40, 7)
    text = tags.files_text({"a.csv": tags.FileState("cd", 3, 5), "b.pt": large, "c.bin": huge})
    assert text == f'{{"a.csv": "cd", "b.pt": ["ab", {tags.LARGE + 1}, 7], "c.bin": [null, {1 << 40}, 7]}}'
    assert tags.files_of(text) == {"a.csv": tags.FileState("cd", 0, 0), "b.pt": large, "c.bin": huge}
    assert huge.content != huge._replace(size=3).content
    assert [tags.files_of(wrong) for wrong in ("", "[]", '{"a": 1}', '{"a": [null]}')] == [{}] * 4


def test_as_many_files_are_recorded_as_a_tag_holds():
    text = tags.files_text({f"data/{number:050}.csv": tags.FileState("cd", 3, 5) for number in range(99)})
    assert 3900 < len(text) <= tags.LONGEST
    assert 40 < len(tags.files_of(text)) < 99
