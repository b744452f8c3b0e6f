"""Lists of defaults: what each entry says."""

from sweeps.trainer.configs.defaults import defaults_of, entries_of


def of(entry, folder="model"):
    return [(one.name, one.files, one.is_override, one.is_optional) for one in entries_of(entry, folder)]


def test_a_path_leads_from_the_folder_of_the_config_and_with_a_slash_from_that_of_all():
    assert of("base") == [("", ["model/base"], False, False)]
    assert of("/base@here") == [("@here", ["base"], False, False)]
    assert of({"encoder": "small.yaml"}) == [("model/encoder", ["model/encoder/small"], False, False)]
    assert of({"/data@train": "x"}) == [("data@train", ["data/x"], False, False)]
    assert of({"encoder": "small"}, "")[0][0] == "encoder"


def test_words_before_the_group_are_marks_of_it():
    assert of({"override /model": "b"}) == [("model", ["model/b"], True, False)]
    assert of({"optional db": None}, "") == [("db", [], False, True)]
    assert [
        one.is_of_hydra for one in entries_of({"override hydra/launcher": "x", "/hydra/run": "y"}, "")
    ] == [
        *(True, True),
    ]


def test_several_files_may_be_chosen_and_what_a_value_decides_is_no_file():
    assert of({"x": ["a", "b", 3]}, "") == [("x", ["x/a", "x/b"], False, False)]
    assert of({"x": "???", "y": "${z}"}, "") == [("x", [], False, False), ("y", [], False, False)]
    assert of("_self_") == of(3) == []


def test_a_list_is_read_anew_where_its_file_has_changed(tmp_path):
    path = tmp_path / "a.yaml"
    assert list(defaults_of(path)) == []
    path.write_text("defaults: [x]\n")
    assert list(defaults_of(path)) == ["x"]
    path.write_text("defaults: [x, y]\n")
    assert list(defaults_of(path)) == ["x", "y"]
    path.write_text("defaults: [x, y\n")
    assert list(defaults_of(path)) == []
