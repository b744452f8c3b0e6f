from pathlib import Path

from sweeps.sources.loggers.event_folders import prefixes

ROOT = Path("/run")


def named(*folders, known=None):
    files = [ROOT / folder / "events.out.tfevents.1" for folder in folders]
    before = {ROOT / folder: prefix for folder, prefix in (known or {}).items()}
    return {str(folder.relative_to(ROOT)): prefix for folder, prefix in prefixes(files, before).items()}


def test_the_folder_of_a_single_writer_adds_nothing():
    assert named("runs/Nov27_23-26-05_host") == {"runs/Nov27_23-26-05_host": ""}
    assert named(".") == {".": ""}


def test_what_add_scalars_opens_below_a_writer_is_named_by_its_path_from_there():
    assert named("runs/A", "runs/A/Loss_train", "runs/A/Loss_test") == {
        "runs/A": "",
        "runs/A/Loss_train": "Loss_train/",
        "runs/A/Loss_test": "Loss_test/",
    }


def test_a_folder_that_is_called_by_the_time_adds_nothing():
    assert named("runs/A", "runs/A/1795822941.6558585")["runs/A/1795822941.6558585"] == ""


def test_a_writer_beside_the_first_is_named_by_what_tells_them_apart():
    assert named("logs/fit/train", "logs/fit/validation", "logs/fit/fold_1/test") == {
        "logs/fit/train": "",
        "logs/fit/validation": "validation/",
        "logs/fit/fold_1/test": "fold_1/test/",
    }


def test_a_writer_above_the_first_is_named_by_itself():
    assert named("logs/train", "logs") == {"logs/train": "", "logs": "logs/"}


def test_files_that_are_found_later_change_no_prefix():
    folders = ["a/x", "a", "b", "a/x/y", "a/x/1795822941.6"]
    for count in range(len(folders)):
        assert named(*folders[:count]).items() <= named(*folders).items()


def test_the_new_folder_of_a_resumed_trial_goes_on_with_the_names_of_the_old_one():
    first = named("version_0", "version_0/s_x")
    assert named("version_1", "version_1/s_x", known=first) == {
        **first,
        "version_1": "",
        "version_1/s_x": "s_x/",
    }


def test_a_resumed_trial_that_writes_into_its_old_folders_keeps_their_names():
    first = named("fold_0", "fold_1")
    assert named("fold_1", "fold_2", known=first) == {**first, "fold_2": "fold_2/"}
