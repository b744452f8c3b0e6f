from analysis.figures.files.images import DrawnFigure
from analysis.figures.searches.course_figures import course_figures
from analysis.report.html import html_text
from analysis.report.links import RunLinks
from analysis.report.markdown import report_text
from analysis.report.sections import DrawnSearches, document
from analysis.results.searches.courses import comparisons
from analysis.stats.remarks import TWO_REPEATS
from tests.analysis.compared import RANDOM, TPE

LINKS = RunLinks.of("sqlite:///mlflow.db", "7")


def document_of(*searches):
    compared = comparisons(searches)
    drawn = course_figures(compared, [one.name for one in searches])
    made = document(
        "experiment",
        "e.yaml",
        None,
        LINKS,
        (),
        {},
        searched=DrawnSearches([(one, ()) for one in searches], list(zip(compared, drawn, strict=True))),
    )
    return made, [figure for figures in drawn for figure in figures]


def test_searches_are_compared_before_each_has_its_section_and_their_figure_stands_at_the_head():
    made, figures = document_of(*TPE, *RANDOM)
    assert [section.name for section in made.sections] == [
        *("Samplers compared", "t1", "t2", "t3", "r1", "r2", "r3")
    ]
    assert made.sections[0].summary == (
        "Searches of the same space (lr, kind), objective and fixed settings: tpe in t1, t2, t3; random in r1, r2, r3."
    )
    assert made.hero is figures[0]
    first = made.headlines[0]
    assert first.text.startswith("Best loss of 4 trials: lowest with tpe; random lies ")
    assert (first.section, first.question) == (0, 0)
    assert [line.section for line in made.headlines[1:]] == [1, 2, 3, 4]


def test_the_page_and_the_markdown_have_the_comparison_and_no_table_or_command_of_its_own():
    made, figures = document_of(*TPE, *RANDOM)
    text = report_text(made)
    page = html_text(made, [DrawnFigure.of(figure, "", (b"png", b"svg")) for figure in figures])
    for shown in (text, page):
        assert "Which sampler finds the lowest loss in 4 trials?" in shown
        assert "6.667 (6 to 7)" in shown
    assert f"![{figures[1].title}]({figures[1].path})" in text
    assert text.count("Samplers compared") == 2  # at the head, and above its section
    assert 'aria-label="Commands of Samplers compared"' not in page


def test_without_two_samplers_there_is_no_such_section():
    made, figures = document_of(*TPE)
    assert [section.name for section in made.sections] == ["t1", "t2", "t3"]
    assert figures == []


def test_samplers_with_two_searches_each_have_a_word_on_what_two_tell():
    assert document_of(*TPE, *RANDOM)[0].sections[0].remarks == ()
    assert document_of(*TPE[:2], *RANDOM[:2])[0].sections[0].remarks == (TWO_REPEATS,)
