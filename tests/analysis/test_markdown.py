import re
from dataclasses import replace

import pytest

from analysis.layout import lay_out
from analysis.markdown import report_text, verdict
from analysis.study import Study
from analysis.summarize import COPY_FIRST, PSNR, Curve, StudyResults
from tests.analysis.recorded import (
    EXPERIMENT,
    RUNNING,
    ratio_study,
    result_of,
    results_of,
    strategy_study,
    trial,
)

ASK = "**Does a model beat copying the first frame?**"


def with_psnr(name, psnr_db, copy_db=20.0, recording=None):
    result = result_of(trial(name, {"kl_anneal_type": "None"}), *([recording] if recording else []))
    steps = tuple(range(len(psnr_db)))
    curves = {PSNR: Curve(steps, tuple(psnr_db)), COPY_FIRST: Curve(steps, (copy_db,) * len(steps))}
    return replace(result, curves=curves)


def test_the_verdict_counts_who_ends_above_copying():
    results = [with_psnr("a", [18.0, 21.5]), with_psnr("b", [18.0, 19.9])]
    assert verdict(results) == f"{ASK} Yes: 1 of 2 end above it; the best is `a` (+1.50 dB)."


def test_the_verdict_names_who_was_above_only_at_its_best():
    assert verdict([with_psnr("a", [18.0, 20.25, 19.0])]) == (
        f"{ASK} No: none of 1 ends above it; the best is `a` (-1.00 dB). "
        "Above it at their best epoch, and no longer at the last: `a` (0.25 dB above, epoch 1)."
    )


def test_the_verdict_says_what_it_could_not_judge_and_what_is_not_finished():
    results = [
        with_psnr("a", [21.0], recording=RUNNING),
        result_of(trial("b", {"kl_anneal_type": "None"}), None),
    ]
    assert verdict(results) == (
        f"{ASK} Yes: 1 of 1 end above it (1 of them unfinished, judged where they stand); the best is `a` (+1.00 dB). "
        "Not judged, for lack of numbers: `b`."
    )


@pytest.mark.parametrize("psnr_db", [[float("nan")], [19.0, float("nan")]])
def test_the_verdict_is_that_a_nan_tells_nothing(psnr_db):
    assert verdict([with_psnr("a", psnr_db)]) == f"{ASK} The record cannot tell: no trial has both PSNRs."


def text_of(*studies):
    return report_text(EXPERIMENT, "experiments.yaml", "quick", studies, lay_out(studies))


def row_of(text, name, which):
    return [row for row in text.splitlines() if row.startswith(f"| `{name}`")][which].strip("| ").split(" | ")


def test_the_tables_of_the_two_studies_give_outcomes_and_settings():
    text = text_of(results_of(ratio_study()), results_of(strategy_study()))
    result = result_of(ratio_study().trials[4])
    best_db, epoch = result.curves[PSNR].best
    assert row_of(text, "Cyclical-tfr0.5", 0) == [
        "`Cyclical-tfr0.5`",
        "finished",
        "12",
        f"{result.last(PSNR):.2f}",
        f"{best_db:.2f} ({epoch})",
        "19.83",
        f"{result.skill_db:+.2f}",
        f"{result.last('val/psnr_foreground'):.2f}",
        "30.0 s",
    ]
    assert (
        "| trial | run | fingerprint | `kl_anneal_type` | `tfr` | `kl_anneal_ratio` | `kl_anneal_cycle` |"
        in text
    )
    assert row_of(text, "Cyclical", 1)[3:5] == ["Cyclical", "0.5"]
    assert "Shared by all: `data.name` synthetic." in text
    assert (
        "sweep run experiments.yaml --trial Cyclical-tfr0.5\n# in the words of the report's trainer:" in text
    )


def test_every_figure_is_shown_once():
    studies = (results_of(ratio_study()), results_of(strategy_study()))
    links = re.findall(r"!\[.*?\]\((.*?)\)", text_of(*studies))
    assert links == [figure.path for figures in lay_out(studies).values() for figure in figures]


def test_tables_have_as_many_cells_in_every_row():
    text = text_of(results_of(ratio_study(), {"None-tfr1.0": None, "None-tfr0.5": RUNNING}))
    for table in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        assert len({row.count("|") for row in table.splitlines()}) == 1


def test_words_from_outside_cannot_break_a_table():
    odd = trial("a", {"lr": "1|2\n<b>"})
    text = text_of(
        StudyResults(
            Study("odd", ("lr",), (odd,)),
            (result_of(replace(odd, config=odd.config | {"kl_anneal_type": "None"})),),
        )
    )
    assert r"1\|2 &lt;b>" in text


def test_a_run_recorded_twice_is_told():
    found = results_of(strategy_study())
    twice = replace(found, results=(replace(found.results[0], others=2), *found.results[1:]))
    assert "Recorded more than once, the latest run is shown: `Monotonic` (2 more)." in text_of(twice)
