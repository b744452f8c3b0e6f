import pytest

from sweeps.sources.following.naming import LastSeries, Name, Naming, Several
from sweeps.spec.trainer.source_model import Source


@pytest.mark.parametrize(
    ("rename", "name", "expected"),
    [
        ({}, "loss", Name("loss")),
        ({"Loss/Train": "train/loss"}, "Loss/Train", Name("train/loss")),
        ({"Loss/{part}": "{part}/loss"}, "Loss/val", Name("val/loss")),
        ({"Loss/{part}": "{part}/loss", "Loss/val": "v"}, "Loss/val", Name("v")),
        ({"Loss/{part}": "{part}/loss"}, "Loss/val/extra", Name("Loss/val/extra")),
        ({"acc_epoch_{step}": "acc"}, "acc_epoch_7", Name("acc", step=7)),
        ({"a.b({x})": "ab_{x}"}, "a.b(1)", Name("ab_1")),
    ],
)
def test_names_follow_the_file(rename, name, expected):
    assert Naming(rename).of(name) == expected


def test_the_last_of_several_series_is_found_as_people_count():
    naming, series = Naming({"PSNR/{epoch}": "frame/psnr"}), LastSeries()
    for epoch in (9, 10, 2):
        for frame in range(2):
            series.note(naming.of(f"PSNR/{epoch}"), frame, epoch + frame / 10)
    assert list(series.points()) == [("frame/psnr", 0, 10.0), ("frame/psnr", 1, 10.1)]


def test_a_part_beside_the_step_tells_the_series():
    naming, series = Naming({"run{n}/f{step}": "frame/psnr"}), LastSeries()
    for name in ("run1/f0", "run1/f1", "run2/f0"):
        found = naming.of(name)
        series.note(found, found.step, float(name[3]))
    assert list(series.points()) == [("frame/psnr", 0, 2.0)]


def test_two_names_that_the_file_makes_one_are_no_clash():
    naming = Naming({"a": "x", "b": "x"})
    assert (naming.of("a").key, naming.of("b").key, naming.notes) == ("x", "x", [])


def test_what_no_store_takes_is_made_storable_once():
    naming = Naming({})
    assert [naming.of(name).key for name in ("loss (%)", "loss (%)", "loss")] == ["loss", "loss", "loss_2"]
    assert len(naming.notes) == 2
    assert "'loss (%)' is recorded as 'loss'" in naming.notes[0]
    assert (
        "'loss (%)' and 'loss' would both be recorded as 'loss', so that the second one is 'loss_2'"
        in naming.notes[1]
    )


MAP = (("charts/episodic_{x}", "all"), ("charts/{x}", "mean"), ("return", "all"))


@pytest.mark.parametrize(
    ("name", "key", "fate"),
    [
        ("charts/episodic_return", "charts/episodic_return", "all"),
        ("charts/SPS", "speed", "mean"),
        ("losses/value", "losses/value", "last"),
        ("charts/a/b", "charts/a/b", "last"),
        ("r", "return", "all"),
    ],
)
def test_the_first_name_that_fits_says_what_becomes_of_a_metric(name, key, fate):
    several = Several(Source("tensorboard", several_of=MAP))
    assert several.of(name, key) == fate
    assert several.has_means


@pytest.mark.parametrize(("said", "has_means"), [("last", False), ("mean", True), ("all", False)])
def test_one_word_is_for_all_metrics(said, has_means):
    several = Several(Source("csv", several=said))
    assert (several.of("loss", "loss"), several.has_means) == (said, has_means)


def test_names_that_would_become_one_stay_apart_in_the_order_in_which_they_come():
    naming = Naming({})
    names = ("acc@1", "acc_1_2", "acc%1", "acc@1", "acc(1)")
    assert [naming.of(name).key for name in names] == ["acc_1", "acc_1_2", "acc_1_3", "acc_1", "acc_1_4"]


def test_a_name_that_rename_gives_to_another_one_is_told_and_theirs_together():
    naming = Naming({"a": "loss"})
    assert [naming.of(name).key for name in ("a", "loss")] == ["loss", "loss"]
    assert "'a' and 'loss' will both be recorded as 'loss'" in naming.notes[0]
