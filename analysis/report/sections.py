"""Writes the report as plain values: the whole document, and the section of each grid.

The section of a search is made in `search_section`, that of searches side by side in `sampler_section`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from analysis.read.provenance import shortened
from analysis.report.head import counts, hero, in_progress, lead, states
from analysis.report.links import ReportCommands, RunLinks
from analysis.report.questions import questions
from analysis.report.searches.sampler_section import sampler_section
from analysis.report.searches.search_section import search_section
from analysis.report.tables import merged, provenance_listing, results_listing, settings_listing
from analysis.results.criterion import AVERAGES, MEAN, TAIL
from analysis.results.document import Command, Document, LocalUi, Section
from analysis.results.grouping import short_name
from analysis.results.metric_names import EPOCH, STEP
from analysis.results.provenance_marks import marked_groups, run_differences
from analysis.results.results import EPOCH_S, PSNR, step_word
from analysis.stats.answers import TEST
from analysis.stats.findings import findings
from analysis.stats.headlines import headlines
from analysis.stats.remarks import of_few_repeats, remarks, warnings
from analysis.stats.samples.minor_metrics import minor_metrics

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from analysis.figures.searches.search_figures import SearchFigure
    from analysis.results.document import Figure, Finding, Pictures
    from analysis.results.results import SweepResults
    from analysis.results.searches.courses import Comparison
    from analysis.results.searches.search import SearchResults

MOST_NAMED = 8
"""How many runs of a provenance group are named; the results table has the mark of each."""
PSNR_WORDS = (
    "PSNR is in dB, the mean over predicted frames; copy first is the PSNR of repeating the first frame, skill is PSNR "
    "minus that, moving pixels is PSNR on those alone."
)


@dataclass(frozen=True)
class DrawnSearches:
    """Searches with their figures.

    Attributes:
        each: Every search.
        compared: Those of one task, side by side.
    """

    each: Sequence[tuple[SearchResults, Sequence[SearchFigure]]] = ()
    compared: Sequence[tuple[Comparison, Sequence[Figure]]] = ()

    @property
    def figures(self) -> list[Figure]:
        """All figures, in the order of the report."""
        return [figure for _, drawn in (*self.compared, *self.each) for figure in drawn]


def document(
    experiment: str,
    spec_name: str,
    profile: str | None,
    links: RunLinks,
    sweeps: Sequence[SweepResults],
    figures: Mapping[str, Sequence[Figure]],
    *,
    searched: DrawnSearches = DrawnSearches(),
    commands: ReportCommands | None = None,
) -> Document:
    """Return the whole report; `figures` are by the name of their sweep, searches come with theirs."""
    shell = commands or ReportCommands(
        f"sweep report {spec_name}", lambda _uri, _port: f"sweep ui {spec_name}"
    )
    searches = [search for search, _ in searched.each]
    found = findings(sweeps, [comparison for comparison, _ in searched.compared])
    of_sweeps, of_comparisons = found[: len(sweeps)], found[len(sweeps) :]
    sections = (
        *(
            grid_section(sweep, figures[sweep.expected.name], links, own, _beyond(sweep, figures))
            for sweep, own in zip(sweeps, of_sweeps, strict=True)
        ),
        *(
            sampler_section(comparison, finding, drawn, alone=len(searched.compared) == 1)
            for (comparison, drawn), (finding,) in zip(searched.compared, of_comparisons, strict=True)
        ),
        *(search_section(search, drawn, links) for search, drawn in searched.each),
    )
    return Document(
        title=experiment,
        lead=lead(spec_name, profile, sweeps, searches, shell.chosen),
        in_progress=in_progress(states(sweeps, searches)),
        headlines=headlines(sweeps, of_sweeps, [one.findings[0] for one in sections[len(sweeps) :]]),
        hero=hero([figure for section in sections for figure in section.figures]),
        sections=sections,
        results=merged([section.results for section in sections if section.results]),
        uis=tuple(LocalUi(shell.ui(uri, port), port) for uri, port in links.ports.items()),
        settings=(settings_listing(sweeps, links),) if sweeps else (),
        provenance=(provenance_listing(sweeps),) if sweeps else (),
        reading=tuple(_reading(experiment, shell, sweeps, searches, is_tested=_are_tested(found))),
    )


def with_pictures(found: Document, pictures: Mapping[str, Pictures]) -> Document:
    """Return the report with the pictures of runs, by the name of their sweep."""
    sections = tuple(replace(one, pictures=pictures.get(one.name)) for one in found.sections)
    return replace(found, sections=sections)


def _are_tested(found: Iterable[Iterable[Finding]]) -> bool:
    return any(finding.repeats for own in found for finding in own)


def _reading(
    experiment: str,
    shell: ReportCommands,
    sweeps: Sequence[SweepResults],
    searches: Sequence[SearchResults],
    *,
    is_tested: bool,
) -> Iterator[str]:
    if is_tested:
        yield TEST
    sought = {objective.metric for search in searches for objective in search.objectives}
    if PSNR in sought or any(sweep.is_scored_by_psnr for sweep in sweeps):
        yield PSNR_WORDS
    found = [step_word(sweep.results, *sweep.metrics) for sweep in sweeps] + [one.steps for one in searches]
    by_epoch = all(steps == EPOCH for steps in found)
    averaged = {one.of_curve for sweep in sweeps for one in sweep.criteria if one.averaged_over}
    timed = [EPOCH_S in result.curves for sweep in sweeps for result in sweep.results]
    time = f"the sum over epochs; of trials that do not record {EPOCH_S}, " if any(timed) or not timed else ""
    yield (
        f"Time is {time}what {'their attempts' if time else 'the attempts of a trial'} took. Pauses between attempts do not "
        f"count, except in runs of older versions. Last values are those of the last {EPOCH if by_epoch else STEP} recorded."
        f"{f' A tail is the mean {AVERAGES[TAIL]} of a run.' if TAIL in averaged else ''}"
        f"{f' A mean of a run is that {AVERAGES[MEAN]} at which it has the metric.' if MEAN in averaged else ''}"
    )
    yield (
        f"The runs are in the experiment {experiment} of MLflow. Made again with `{shell.again}`; `manifest.json` lists "
        "the runs, metrics and data behind each figure."
    )


def _beyond(sweep: SweepResults, figures: Mapping[str, Sequence[Figure]]) -> list[Figure]:
    """The figures of other sweeps that show every trial of this one too."""
    own = {result.trial.fingerprint for result in sweep.results}
    return [
        figure
        for name, drawn in figures.items()
        if name != sweep.expected.name
        for figure in drawn
        if own <= {trial.fingerprint for trial in figure.trials}
    ]


def grid_section(
    sweep: SweepResults,
    figures: Sequence[Figure],
    links: RunLinks,
    found: Sequence[Finding],
    beyond: Sequence[Figure] = (),
) -> Section:
    """Return the section of one grid; `figures` and `found` are its own, those `beyond` it show its trials as well."""
    expected, results = sweep.expected, sweep.results
    over = (
        " \N{MULTIPLICATION SIGN} ".join(short_name(axis, expected.names) for axis in expected.axes)
        or "one setting"
    )
    return Section(
        name=expected.name,
        summary=f"{over}. {counts(result.state for result in results)}",
        incomplete=tuple((result.trial.name, result.condition) for result in results if not result.is_whole),
        warnings=warnings(sweep),
        differences=tuple(
            (
                difference.claim,
                tuple(
                    f"{words}: {shortened(names, MOST_NAMED)}"
                    for words, names in marked_groups(results, difference)
                ),
            )
            for difference in run_differences(results)
        ),
        questions=questions(found, figures, beyond, minor_metrics(sweep)),
        results=results_listing(sweep, links),
        commands=tuple(Command(result.trial.name, (result.trial.command,)) for result in results),
        remarks=(*of_few_repeats(found), *remarks(sweep)),
    )
