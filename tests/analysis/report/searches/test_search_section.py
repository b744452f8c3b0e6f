from dataclasses import replace

from analysis.figures.files.images import DrawnFigure
from analysis.figures.searches.search_figures import search_figures
from analysis.report.html import html_text
from analysis.report.links import RunLinks
from analysis.report.markdown import report_text
from analysis.report.searches.search_section import search_section
from analysis.results.document import Document
from tests.analysis.searched import BOTH, ONE

LINKS = RunLinks.of("sqlite:///mlflow.db", "7")


def section_of(search, figures=()):
    return search_section(search, figures, LINKS)


def document_of(*sections):
    results = tuple(section.results for section in sections)
    return Document(
        "experiment", "made from it", "", (), None, sections, results, (), (), ("how to read it",)
    )


def test_it_names_the_best_trial_with_its_settings_and_what_stands_beside_its_score():
    section = section_of(ONE)
    assert "6 of 8 trials: 4 finished, 1 pruned, 1 failed." in section.summary
    (finding,) = section.findings
    assert finding.question == "Which settings give val/psnr as large as can be?"
    assert finding.answer == "trial-003: val/psnr 25, val/skill 13, with lr 0.03162, kind b."
    assert finding.headline == (
        "trial-003: val/psnr 25, val/skill 13, with lr 0.03162, kind b; the best of 4 finished trials"
    )
    assert section.incomplete == (("trial-007", "failed"),)


def test_its_table_has_every_trial_the_best_first_and_leads_to_its_run():
    table = section_of(ONE).results.table
    assert [row[0].text for row in table.rows] == [f"trial-00{n}" for n in (3, 4, 6, 2, 5, 7)]
    assert [cell.text for cell in table.rows[0]] == [
        *("trial-003", "finished", "3", "25", "13", "0.03162", "b", "run3")
    ]
    assert (
        table.rows[0][-1].link
        == "http://127.0.0.1:5000/#/experiments/7/runs/run3?workflowType=machine_learning"
    )
    assert [cell.text for cell in table.rows[-1]][1:4] == ["failed", "0", "\N{EN DASH}"]


def test_its_table_has_no_epochs_where_no_trial_has_any():
    untold = replace(ONE, trials=tuple(replace(trial, epochs=None) for trial in ONE.trials))
    table = section_of(untold).results.table
    assert "epochs" not in dict(table.columns)
    assert {len(row) for row in table.rows} == {len(table.columns)}


def test_what_is_called_as_another_column_is_told_apart():
    (objective,) = ONE.objectives
    own = replace(ONE, objectives=(replace(objective, metric="epochs"),), space={"epochs": ONE.space["lr"]})
    heads = [head for head, _ in section_of(own).results.table.columns]
    assert [head for head in heads if "epochs" in head] == ["epochs", "epochs (metric)", "epochs (setting)"]
    own = replace(ONE, objectives=(replace(objective, metric="lr"),))
    heads = [head for head, _ in section_of(own).results.table.columns]
    assert [head for head in heads if head.startswith("lr")] == ["lr (metric)", "lr"]


def test_the_page_and_the_markdown_show_the_same_figures_and_words():
    figures = {figure.plot: figure for figure in search_figures(ONE)}
    document = document_of(section_of(ONE, tuple(figures.values())))
    text = report_text(document)
    page = html_text(document, [DrawnFigure.of(figure, "", (b"png", b"svg")) for figure in figures.values()])
    for figure in figures.values():
        assert f"![{figure.title}]({figure.path})" in text
        assert f'data-chart="{figure.path}"' in page
    assert "trial-003: val/psnr 25, val/skill 13" in text
    assert "trial-003: val/psnr 25, val/skill 13" in page


def test_of_several_objectives_the_front_is_named():
    (finding,) = section_of(BOTH).findings
    assert finding.answer.endswith(": trial-003.")


def test_a_search_without_finished_trials_says_so():
    section = section_of(replace(ONE, trials=()))
    assert "none begun" in section.summary
    assert section.warnings == ()
    assert section.remarks == (
        "At least 4 finished trials are needed to say which setting matters; there are 0.",
    )
    assert not section.findings[0].answered
    assert report_text(document_of(section))


def test_a_remark_stands_behind_the_answer_and_is_no_warning():
    document = document_of(section_of(replace(ONE, trials=())))
    page, text = html_text(document, []), report_text(document)
    for shown in (page, text):
        assert (
            shown.index("The data cannot tell") < shown.index("Remarks") < shown.index("At least 4 finished")
        )
    assert page.count('class="remarks"') == 1
    assert 'class="care"' not in page
    unremarked = html_text(document_of(section_of(replace(ONE, trials=ONE.trials))), [])
    assert 'class="remarks"' not in unremarked
