from dataclasses import replace

from analysis.figures.catalogue import lay_out
from analysis.report.links import RunLinks
from analysis.report.markdown import report_text
from analysis.report.questions import OTHER
from analysis.report.sections import document
from analysis.report.tables import results_listing
from analysis.results.document import LocalUi
from analysis.results.expected import ExpectedSweep, ExpectedTrial
from analysis.results.provenance_marks import with_marks
from analysis.results.results import MOST_METRICS, Curve, SweepResults
from analysis.stats.remarks import TWO_REPEATS
from tests.analysis.judged import F1, at_batches, judged
from tests.analysis.recorded import (
    EXPERIMENT,
    RUNNING,
    Recording,
    ratio_sweep,
    result_of,
    results_of,
    strategy_sweep,
    with_code,
)

LINKS = RunLinks.of("sqlite:///mlflow.db", "7")


def document_of(*sweeps, links=LINKS):
    return document(EXPERIMENT, "experiments.yaml", None, links, sweeps, lay_out(sweeps))


def of_another_trainer(*metrics):
    """A sweep of two trials that log these metrics and have nothing to do with video."""
    trials = tuple(ExpectedTrial(f"x{x}", f"f{x}", {"x": x}, {"x": x}, "") for x in (1, 2))
    curves = dict.fromkeys(metrics, Curve((0, 1), (1.0, 0.5)))
    results = tuple(replace(result_of(one, None), curves=curves) for one in trials)
    return SweepResults(ExpectedSweep("a", ("x",), trials), results)


def test_the_head_counts_the_trials_and_says_which_are_running():
    made = document_of(results_of(strategy_sweep(), {"Cyclical": RUNNING, "None": None}))
    assert made.lead.startswith("3 trials: 1 finished, 1 running, 1 missing.")
    assert made.in_progress.startswith("In progress: Cyclical still running.")
    assert made.sections[0].incomplete == (
        ("Cyclical", "running, 5 epochs so far"),
        ("None", "missing: no run is recorded"),
    )


def test_a_setting_in_a_table_of_the_config_has_one_name_all_over_the_page():
    made = document_of(judged(F1, axis="thermo.temperature", ends={2.5: (1.0, 2.0), 3.5: (2.0, 3.0)}))
    assert "mine varies temperature (2.5, 3.5)" in made.lead
    assert made.sections[0].summary.startswith("temperature \N{MULTIPLICATION SIGN} seed. ")
    told = [made.lead, made.sections[0].summary, *(line.text for line in made.headlines)]
    assert "thermo" not in " ".join([*told, *(question.title for question in made.sections[0].questions)])


def test_only_links_to_a_local_store_need_sweep_ui():
    found = results_of(strategy_sweep())
    assert document_of(found).uis == (LocalUi("sweep ui experiments.yaml", 5000),)
    assert document_of(found, links=RunLinks.of("http://host:5000", "7")).uis == ()


def test_it_says_which_runs_differ_and_how():
    made = document_of(*with_marks([results_of(strategy_sweep(), {"Cyclical": with_code("bb22")})]))
    assert made.sections[0].differences == (
        ("differ in code", ("[a] digest aa11: Monotonic, None", "[b] digest bb22: Cyclical")),
    )
    (table,) = (listing.table for listing in made.results)
    assert table.columns[-1][0] == "provenance"
    assert [row[-1].text for row in table.rows] == ["[a]", "[b]", "[a]"]


def test_of_more_metrics_than_fit_the_first_are_in_the_table_and_the_rest_is_named():
    found = of_another_trainer(*(f"m{number:02}" for number in range(MOST_METRICS + 2)))
    assert results_listing(found, LINKS).below.endswith(
        "Recorded too, and not shown for want of room: m12, m13."
    )


def test_another_trainers_sweep_has_no_findings():
    assert document_of(of_another_trainer()).sections[0].findings == ()


def test_adopted_runs_are_marked_and_their_place_is_named():
    recording = Recording(
        tags={"sweeps.adopted": "folder /old", "sweeps.outcome": "finished", "sweeps.code": ""}
    )
    made = document_of(*with_marks([results_of(strategy_sweep(), {"Cyclical": recording})]))
    (section,) = made.sections
    assert section.warnings == ()
    assert section.remarks == (
        "Adopted, and not run by `sweep`, which knows of them what was recorded there: Cyclical from folder /old.",
    )
    assert section.differences[0] == (
        "may differ in code",
        ("[a] known: Monotonic, None", "[b] adopted, not known: Cyclical"),
    )
    (table,) = (listing.table for listing in made.results)
    outcomes = {row[0].text: (row[1].text, row[-1].text) for row in table.rows}
    assert outcomes["Cyclical"] == ("finished (adopted)", "[b]")
    assert outcomes["None"] == ("finished", "[a]")


def test_every_figure_stands_in_one_section_and_what_was_found_first_leads_to_its_question():
    sweeps = (results_of(ratio_sweep()), results_of(strategy_sweep()))
    made = document_of(*sweeps)
    drawn = [figure.path for section in made.sections for figure in section.figures]
    assert sorted(drawn) == sorted(figure.path for own in lay_out(sweeps).values() for figure in own)
    assert made.hero.path == "psnr_per_frame/comparison.png"
    assert 3 <= len(made.headlines) <= 5
    once = made.headlines[1]
    question = made.sections[once.section].questions[once.question]
    assert question.title == "What do single runs show?"
    assert question.figures


def test_sweeps_with_the_same_columns_share_a_table():
    made = document_of(
        results_of(ratio_sweep()), results_of(strategy_sweep()), of_another_trainer("accuracy")
    )
    shared, other = made.results
    assert shared.name == "tfr-by-annealing, annealing"
    assert shared.table.columns[0] == ("sweep", "text")
    assert [row[0].text for row in shared.table.rows] == ["tfr-by-annealing"] * 9 + ["annealing"] * 3
    assert other.table.columns[0] == ("trial", "name")


def test_only_a_page_whose_steps_are_epochs_speaks_of_the_last_epoch():
    lab, program = results_of(strategy_sweep()), at_batches(judged(F1))
    assert "those of the last epoch recorded" in " ".join(document_of(lab).reading)
    assert "those of the last step recorded" in " ".join(document_of(lab, program).reading)
    assert "epoch" not in " ".join(
        cell.text for row in document_of(program).results[0].table.rows for cell in row
    )


def test_time_is_called_a_sum_over_epochs_where_some_trial_records_that():
    lab, program = results_of(strategy_sweep()), judged(F1)
    assert "Time is the sum over epochs; of trials that" in " ".join(document_of(lab, program).reading)
    assert "Time is what the attempts of a trial took." in " ".join(document_of(program).reading)


def test_a_sweep_of_two_repeats_says_behind_its_answers_what_these_can_tell():
    (section,) = document_of(judged(F1, ends={"a": (80.0, 81.0), "b": (60.0, 61.5)})).sections
    assert (section.warnings, section.remarks) == ((), (TWO_REPEATS,))
    assert [bool(question.finding) for question in section.questions[: section.told]] == [True] * section.told
    assert not any(question.finding for question in section.questions[section.told :])


def test_files_that_trials_share_are_said_before_the_questions():
    found = judged(F1)
    first, *others = found.results
    held = {**first.run.tags, "sweeps.trial": "a-seed0", "sweeps.sweep": "mine"}
    run = replace(first.run, tags={**held, "sweeps.shared_files": '{"/w/model.pt": "mine/a-seed1"}'})
    (section,) = document_of(replace(found, results=(replace(first, run=run), *others))).sections
    (said,) = section.warnings
    assert said.startswith("/w/model.pt changed while different trials ran (mine/a-seed0, mine/a-seed1)")


def test_a_page_that_is_judged_by_tails_says_what_one_is_and_asks_for_it():
    told = "A tail is the mean of the last 10 % of steps of a run."
    assert told not in " ".join(document_of(judged(F1)).reading)
    made = document_of(judged(replace(F1, value="tail", baseline=None)))
    assert told in " ".join(made.reading)
    asked = [finding.question for section in made.sections for finding in section.findings]
    assert "Which optimizer reaches the highest mean val/f1 of the last 10 % of steps?" in asked


def test_a_page_that_is_judged_by_means_says_what_one_is_and_asks_for_it():
    made = document_of(judged(replace(F1, value="mean", baseline=None)))
    assert "A mean of a run is that of all steps at which it has the metric." in " ".join(made.reading)
    asked = [finding.question for section in made.sections for finding in section.findings]
    assert "Which optimizer reaches the highest mean val/f1 of all steps?" in asked


def test_a_schedule_is_folded_behind_the_figures_of_what_was_compared():
    made = document_of(judged(F1))
    *_, further, last = made.sections[0].questions
    assert (further.folded, [one.keys for one in further.figures]) == ("", [("loss",)])
    assert (last.title, [one.keys for one in last.figures]) == (OTHER, [("lr",)])
    told = report_text(made).partition("### Other metrics")[2].partition("</details>")[0]
    assert told.startswith("\n\nRuns are not compared by lr (the same in all finished runs).\n\n<details>")
    assert "mine/lr.png" in told
    assert "mine/loss.png" not in told


def test_below_the_results_stands_how_epochs_are_numbered_where_that_is_not_how_they_are_counted():
    told = "The column epochs counts them; anywhere else an epoch has the number that was recorded, from 0: the last of 3 is epoch 2."
    sweep = judged(F1)
    assert results_listing(sweep, LINKS).below == told
    from_one = [
        replace(
            one,
            curves={
                key: replace(curve, steps=tuple(step + 1 for step in curve.steps))
                for key, curve in one.curves.items()
            },
        )
        for one in sweep.results
    ]
    assert results_listing(replace(sweep, results=tuple(from_one)), LINKS).below == ""
    assert results_listing(at_batches(sweep), LINKS).below == ""
