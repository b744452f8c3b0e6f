import re
from dataclasses import replace

from analysis.figures.catalogue import lay_out
from analysis.report.links import RunLinks
from analysis.report.markdown import report_text
from analysis.report.sections import document
from analysis.results.expected import ExpectedSweep
from analysis.results.results import PSNR, SweepResults
from analysis.stats.remarks import TWO_REPEATS
from tests.analysis.judged import F1, judged
from tests.analysis.recorded import (
    EXPERIMENT,
    FAILED,
    RUNNING,
    ratio_sweep,
    result_of,
    results_of,
    strategy_sweep,
    trial,
)

LINKS = RunLinks.of("sqlite:///mlflow.db", "7")


def text_of(*sweeps):
    return report_text(document(EXPERIMENT, "experiments.yaml", "quick", LINKS, sweeps, lay_out(sweeps)))


def row_of(text, sweep, name, part):
    table = text.split(f"\n## {part}\n")[1].partition("\n#")[0]
    (row,) = [row for row in table.splitlines() if row.startswith(f"| {sweep} | `{name}`")]
    return row.strip("| ").split(" | ")


def test_the_tables_of_the_two_sweeps_give_outcomes_and_settings():
    text = text_of(results_of(ratio_sweep()), results_of(strategy_sweep()))
    result = result_of(ratio_sweep().trials[4])
    best_db, epoch = result.curves[PSNR].best_by(1)
    assert row_of(text, "tfr-by-annealing", "Cyclical-tfr0.5", "Results") == [
        "tfr-by-annealing",
        "`Cyclical-tfr0.5`",
        "finished",
        "12",
        f"{result.last(PSNR):.2f}",
        f"{best_db:.2f} ({epoch})",
        "19.83",
        f"{result.skill_db:+.2f}",
        f"{result.last('val/psnr_foreground'):.2f}",
        "30.0 s",
        f"[`{result.run.run_id[:8]}`](http://127.0.0.1:5000/#/experiments/7/runs/{result.run.run_id}?workflowType=machine_learning)",
    ]
    assert "| sweep | trial | kl_anneal_type | tfr | kl_anneal_ratio | kl_anneal_cycle |" in text
    assert row_of(text, "annealing", "Cyclical", "Settings")[2:5] == ["Cyclical", "0", "0.5"]
    assert "Shared by all: data.name synthetic." in text
    assert "sweep run experiments.yaml --trial Cyclical-tfr0.5" in text


def test_every_figure_is_shown_once():
    sweeps = (results_of(ratio_sweep()), results_of(strategy_sweep()))
    links = re.findall(r"!\[.*?\]\((.*?)\)", text_of(*sweeps))
    assert links[0] == "psnr_per_frame/comparison.png"
    assert sorted(links) == sorted(figure.path for figures in lay_out(sweeps).values() for figure in figures)


def test_what_was_found_stands_at_the_head_and_numbers_open_on_demand():
    text = text_of(results_of(ratio_sweep()), results_of(strategy_sweep()))
    head = text.partition("\n## ")[0]
    assert head.count("\n- ") == 5
    assert "- 12 of 12 settings end above" in head or "settings end above copying the first frame" in head
    assert text.count("<details>") == text.count("</details>") == 6


def test_tables_have_as_many_cells_in_every_row():
    text = text_of(results_of(ratio_sweep(), {"None-tfr1.0": None, "None-tfr0.5": RUNNING}))
    for table in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        assert len({row.count("|") for row in table.splitlines()}) == 1


def test_words_from_outside_cannot_break_a_table():
    odd = trial("a", {"lr": "1|2\n<b>"})
    text = text_of(
        SweepResults(
            ExpectedSweep("odd", ("lr",), (odd,)),
            (result_of(replace(odd, config=odd.config | {"kl_anneal_type": "None"})),),
        )
    )
    assert r"1\|2 &lt;b>" in text


def test_a_trial_recorded_more_than_once_is_named():
    found = results_of(strategy_sweep())
    first, second, third = found.results
    twice = replace(found, results=(replace(first, others=2), replace(second, others=1), third))
    assert (
        "Trials with more than one run in the record: of Monotonic (3) and Cyclical (2) the latest that finished is shown."
        in text_of(twice)
    )
    failed = result_of(third.trial, FAILED)
    several = replace(found, results=(first, replace(second, others=1), replace(failed, others=1)))
    assert (
        "of Cyclical (2) the latest that finished is shown; of None (2) the latest (failed) is shown."
        in text_of(several)
    )


def test_what_stands_behind_a_spread_is_said_above_its_table():
    text = text_of(judged(replace(F1, baseline=None)))
    told, table = text.index("Mean ± standard deviation"), text.index("| 80.17 ± ")
    assert text.index("### Which optimizer ends with the highest val/f1?") < told < table
    assert text.count("Mean ± standard deviation") == 1


def test_remarks_stand_behind_the_answers_and_warnings_before_them():
    found = judged(F1, ends={"a": (80.0, 81.0), "b": (60.0, 61.5)})
    first, *others = found.results
    run = replace(
        first.run, tags={**first.run.tags, "sweeps.shared_files": '{"/w/model.pt": "mine/a-seed1"}'}
    )
    text = text_of(replace(found, results=(replace(first, run=run), *others)))
    places = [
        text.index(words)
        for words in (
            "/w/model.pt changed while different trials ran",
            "### Does val/f1 beat val/majority?",
            "### Which optimizer ends with the higher val/f1?",
            f"### Remarks\n\n- {TWO_REPEATS}",
            "### What else was recorded?",
        )
    ]
    assert places == sorted(places)
    unjudged = text_of(judged())
    assert unjudged.index("### Remarks\n\n- The file does not say") < unjudged.index("### What was recorded?")
