from dataclasses import replace

from analysis.figures.figure_data import FigureData
from analysis.report.anchors import Anchors
from analysis.results.document import Document, Headline, Listing, Question, Section, Table

EMPTY = Table((), ())


def section(name, *titles, figures=()):
    asked = tuple(Question(title, None, figures) for title in titles)
    return Section(name, "", (), (), (), asked, Listing(name, EMPTY), ())


def document(*sections):
    return Document("e", "", "", (), None, sections, (), (), (), ())


def test_sections_and_questions_are_named_by_their_words():
    anchors = Anchors.of(document(section("tfr-by-annealing", "Which tfr is best?")))
    assert anchors.sections == ("tfr-by-annealing",)
    assert anchors.questions == (("tfr-by-annealing-which-tfr-is-best",),)
    assert anchors.to(Headline("a", 0, 0)) == "tfr-by-annealing-which-tfr-is-best"
    assert anchors.to(Headline("a")) == "tfr-by-annealing"


def test_every_anchor_is_another_whatever_things_are_called():
    figures = tuple(FigureData(path, "", (), (), (), ()) for path in ("a/b.png", "a-b.png", "A/B.png"))
    names = ("results", "Results!", "../../x", "\u2603", "</script>")
    anchors = Anchors.of(
        document(
            *(replace(section(name, "Q?", "q"), name=name) for name in names),
            section("figure-a-b", "Q?", figures=figures),
        )
    )
    every = [*anchors.sections, *(one for own in anchors.questions for one in own), *anchors.figures.values()]
    assert len(set(every)) == len(every)
    assert not {"summary", "results", "settings", "provenance", "commands"} & set(every)
    assert all(one.replace("-", "").isalnum() and one.isascii() for one in every)
