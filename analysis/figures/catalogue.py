"""The list of figures of a report: which ones each sweep gets, with their files, titles and metrics. Start here for another.

| the sweep varies | figures | made in |
| --- | --- | --- |
| `kl_anneal_type` and `tfr` | `diff_tfr/*_loss.png`, `diff_tfr/*_TFR_Beta_PSNR.png` | `lab.lab_figures`, `by_ratio` |
| `kl_anneal_type` alone | `diff_strategy/*.png`, `psnr_per_frame/*.png` | `lab.lab_figures`, `by_strategy` |
| anything else | `SWEEP/train_loss.png`, `SWEEP/psnr_val.png` | `by_settings` |
| any of these, by another trainer, or with `measures:` | a figure of each metric that none of those shows, `SWEEP/METRIC.png` | `by_metric` |

A metric that has one value a run is no curve: `by_settings` and `by_metric` show it by setting (`points`). A sweep over a numeric
setting has each measure over it, too, right behind the first figure of that measure (`responses`).

Sweeps that vary what weighs the rate of z share one figure, `rate_distortion.png`, which stands with the first of them.

Each of them also gets `heatmap.png` where it varies two axes or more, `drift.png` where frames were scored, and
`frames.png` where frames were handed over. All panels of a sweep that show one metric have one scale (`scale`).

To add a figure, add a `FigureData` to what one of these functions returns: its lines are drawn, listed in the manifest and
shown in the report with the question about the same metric and setting (`about`, `axis`). The figures of a search are listed in `search_figures`,
those of searches side by side in `course_figures`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from analysis.figures.averages.band import Band
from analysis.figures.facets import MOST_LINES, small_multiples
from analysis.figures.figure_data import FigureData, shows_something
from analysis.figures.figure_request import FigureRequest
from analysis.figures.file_names import free, slug
from analysis.figures.frames.frames_data import FramesFigure, frames_figures
from analysis.figures.groups import grouped_by_settings
from analysis.figures.heatmaps.heatmap_data import HeatmapFigure, heatmaps
from analysis.figures.lab.drift import drifts
from analysis.figures.lab.lab_figures import by_ratio, by_strategy
from analysis.figures.points.point_data import PointFigure, is_of_points, point_figures
from analysis.figures.rates.rate_data import RateFigure, rate_figures
from analysis.figures.responses.response_data import ResponseFigure, responses
from analysis.figures.scale import on_one_scale
from analysis.figures.words.legend_entries import with_one_entry_each
from analysis.results.document import told_apart
from analysis.results.metric_names import PER_FRAME
from analysis.results.pictures.clips import Clip
from analysis.results.results import ANNEALING, COPY_FIRST, LOSS, MOST_METRICS, PSNR, RATIO, SweepResults

GridFigure = FigureData | PointFigure | HeatmapFigure | FramesFigure | RateFigure | ResponseFigure
"""A figure of a sweep that is no search."""

_Layout = Callable[[SweepResults, str, Mapping[str, Clip], Band], Sequence[GridFigure]]


def lay_out(
    sweeps: Sequence[SweepResults], clips: Mapping[str, Clip] | None = None, band: Band = Band.MINMAX
) -> dict[str, tuple[GridFigure, ...]]:
    """Return the figures of every sweep, by its name; `clips` are what runs predicted, by run id, `band` is what means of repeats have.

    The first sweep over `kl_anneal_type` and `tfr`, and the first over `kl_anneal_type` alone, are drawn as in the lab
    report, in its folders. A second one over the same axes goes into a folder of its name, and so does any other sweep.
    """
    layouts: dict[frozenset[str] | None, _Layout] = {
        frozenset((ANNEALING, RATIO)): by_ratio,
        frozenset((ANNEALING,)): by_strategy,
    }
    taken: set[frozenset[str] | None] = set()
    folders = {"diff_tfr", "diff_strategy", "psnr_per_frame"}
    drawn: dict[str, tuple[GridFigure, ...]] = {}
    for sweep in sweeps:
        axes = frozenset(sweep.expected.settings) if _is_drawn_whole(sweep) else None
        folder = (
            "" if axes in layouts and axes not in taken else f"{free(slug(sweep.expected.name), folders)}/"
        )
        taken.add(axes)
        figures = [*layouts.get(axes, by_settings)(sweep, folder, clips or {}, band)]
        if not sweep.is_scored_by_psnr:
            figures = [figure for figure in figures if shows_something(figure)]
        if sweep.expected.criteria or not sweep.is_scored_by_psnr:
            figures += by_metric(
                sweep, folder or f"{free(slug(sweep.expected.name), folders)}/", figures, band
            )
            judging = [criterion.metric for criterion in sweep.expected.criteria]
            figures.sort(
                key=lambda one: judging.index(one.keys[0]) if one.keys[0] in judging else len(judging)
            )
        better = {one.metric: one.way for one in sweep.expected.criteria}
        curves = [figure for figure in figures if isinstance(figure, FigureData)]
        scaled = iter(on_one_scale(curves, better=better))
        figures = [
            with_one_entry_each(next(scaled)) if isinstance(figure, FigureData) else figure
            for figure in figures
        ]
        drawn[sweep.expected.name] = tuple(_with_responses(sweep, figures, band))
    drawn = _with_other_scales(drawn)
    for rates in rate_figures(sweeps, band):
        first = next(sweep.expected.name for sweep in sweeps if rates.results[0] in sweep.results)
        drawn[first] = (rates, *drawn[first])
    return drawn


def _with_other_scales(drawn: Mapping[str, Sequence[GridFigure]]) -> dict[str, tuple[GridFigure, ...]]:
    """The figures of all sweeps; where curves of a metric have a linear scale in one and a log scale in another, the first says so."""
    logs: dict[str, str] = {}
    for name, figures in drawn.items():
        for each in (each for one in figures if isinstance(one, FigureData) for each in one.panels):
            if each.log and each.key:
                logs.setdefault(each.key, name)

    def told(figure: GridFigure) -> GridFigure:
        if not isinstance(figure, FigureData):
            return figure
        other = {
            one.y_label: logs[one.key]
            for one in figure.panels
            if one.lines and not one.log and one.key in logs
        }
        words = (
            f"{label}: on a linear scale here, on a log scale in {name}" for label, name in other.items()
        )
        return replace(figure, notes=(*figure.notes, *words))

    return {name: tuple(map(told, figures)) for name, figures in drawn.items()}


def _with_responses(sweep: SweepResults, figures: Sequence[GridFigure], band: Band) -> list[GridFigure]:
    """The figures of a sweep, and behind the first of each metric its response curve, where it has one, in the same folder."""
    firsts: dict[str, GridFigure] = {}
    for figure in figures:
        firsts.setdefault(figure.keys[0], figure)
    taken = {figure.path.removesuffix(".png") for figure in figures}

    def beside(key: str, axis: str) -> str:
        if key not in firsts:
            return ""
        folder = firsts[key].path.rpartition("/")[0]
        name = f"{slug(key)}_over_{slug(axis.rpartition('.')[2])}"
        return f"{free(f'{folder}/{name}', taken)}.png"

    panels = [panel for one in figures if isinstance(one, FigureData) for panel in one.panels]
    logs = {panel.key for panel in panels if panel.log}
    found = {one.keys[0]: one for one in responses(sweep, beside, logs, band)}
    shown: list[GridFigure] = []
    for figure in figures:
        shown.append(figure)
        if response := found.pop(figure.keys[0], None):
            shown.append(response)
    return shown


def by_settings(sweep: SweepResults, folder: str, clips: Mapping[str, Clip], band: Band) -> list[GridFigure]:
    """Any other sweep: a line a setting, in small multiples where there are more than colours."""
    name, groups = sweep.expected.name, grouped_by_settings(sweep.results)
    panels = [("", groups)] if len(groups) <= MOST_LINES else []
    requests = (
        FigureRequest(f"{folder}train_loss", f"Training loss, {name}", LOSS, "training loss", None, band),
        FigureRequest(
            f"{folder}psnr_val", f"Validation PSNR, {name}", PSNR, "validation PSNR (dB)", COPY_FIRST, band
        ),
    )
    return [
        *heatmaps(sweep, f"{folder}heatmap.png"),
        *frames_figures(sweep, f"{folder}frames.png", clips),
        *(figure for request in requests for figure in _of_settings(sweep, request)),
        *drifts(f"{folder}drift.png", f"How a rollout drifts, {name}", panels, band=band),
    ]


def by_metric(sweep: SweepResults, folder: str, before: Sequence[GridFigure], band: Band) -> list[GridFigure]:
    """Each metric that no figure shows already: over its steps, or frames; first the file's measures, with their baselines.

    Of the video's trainer, whose other metrics belong to its own figures, the file's measures alone.
    """
    name = sweep.expected.name
    shown = {key for figure in before if isinstance(figure, FigureData | PointFigure) for key in figure.keys}
    taken = {figure.path.rpartition("/")[2].removesuffix(".png") for figure in before}
    over_steps = [key for key in sweep.metrics if key not in shown][:MOST_METRICS]
    over_frames = [key for key in sweep.frame_metrics if key not in shown]
    figures: list[GridFigure] = []
    for key in (*over_steps, *over_frames):
        criterion = sweep.criterion_of(key)
        if sweep.is_scored_by_psnr and criterion is None:
            continue
        named = told_apart(sweep.called(key), sweep.setting_names, "metric")
        title = f"{named} of each frame, {name}" if key.startswith(PER_FRAME) else f"{named}, {name}"
        path = f"{folder}{free(slug(key), taken)}"
        label = f"{named}{criterion.unit_in_head}" if criterion else named
        baseline = criterion.baseline if criterion else None
        figures += _of_settings(sweep, FigureRequest(path, title, key, label, baseline, band))
    return figures


def _of_settings(sweep: SweepResults, request: FigureRequest) -> list[FigureData] | list[PointFigure]:
    if is_of_points(sweep, request.key):
        return point_figures(sweep, request)
    groups = grouped_by_settings(sweep.results)
    return small_multiples(sweep, request) if len(groups) > MOST_LINES else [request.curves(groups)]


def _is_drawn_whole(sweep: SweepResults) -> bool:
    """Whether each value of an axis can have a look of its own in one panel."""
    expected = sweep.expected
    return expected.is_whole and all(len(expected.values(axis)) <= MOST_LINES for axis in expected.settings)
