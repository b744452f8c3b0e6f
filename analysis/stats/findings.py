"""The questions that a report answers, and the answers: pure functions from results to findings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.results.results import ANNEALING, FINISHED, RATIO, TFR, Result, SweepResults
from analysis.stats.answers import answer, observed
from analysis.stats.comparison import decide
from analysis.stats.copying import copying
from analysis.stats.cycles import beta_cycles
from analysis.stats.effects import Effect, effect
from analysis.stats.latent import use_of_z
from analysis.stats.measures import last_loss, last_psnr, loss_while_forced

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis.results.document import Finding


def findings(sweeps: Sequence[SweepResults]) -> tuple[tuple[Finding, ...], ...]:
    """Answer every question that the axes and metrics of a page's sweeps raise, for each sweep in its order.

    All comparisons of the page are corrected together: that any of them is false has a chance of 5 % at most.

    Of a trainer other than the video's nobody knows which way its metrics are better: nothing is asked.
    """
    asked = [_asked(sweep) for sweep in sweeps]
    effects = [one for of_sweep in asked for one in of_sweep]
    page = decide([one.main for one in effects], [block.samples for one in effects for block in one.cells])
    main, cells = iter(page.main), iter(page.cells)
    found = []
    for sweep, of_sweep in zip(sweeps, asked, strict=True):
        answers, once = [], [one for one in of_sweep if one.ran_once]
        for one in of_sweep:
            pairs, single = next(main), [next(cells) for _ in one.cells]
            if not one.ran_once:
                answers.append(answer(one, pairs, single, page.tested))
        if sweep.is_of_video:
            first = [copying(sweep.results), use_of_z(sweep.results), observed(once) if once else None]
            found.append(tuple(filter(None, [*first, *answers, beta_cycles(sweep)])))
        else:
            found.append(())
    return tuple(found)


def _asked(sweep: SweepResults) -> list[Effect]:
    expected = sweep.expected
    if not sweep.is_of_video or not expected.is_whole:
        return []
    axes = [axis for axis in expected.settings if len(expected.values(axis)) > 1]
    return [asked for axis in axes for asked in _effects(sweep, axis)]


def _effects(sweep: SweepResults, axis: str) -> list[Effect]:
    if axis == ANNEALING:
        asked = [
            ("Which annealing strategy ends with the lower training loss?", last_loss()),
            ("Which annealing strategy ends with the higher validation PSNR?", last_psnr()),
        ]
        return [effect(sweep, axis, measure, question) for question, measure in asked]
    if axis == RATIO:
        forced = loss_while_forced(sweep.results)
        while_on = [
            effect(sweep, axis, forced, "What does teacher forcing do to the training loss while it is on?")
        ]
        after = effect(
            sweep,
            axis,
            last_loss(),
            "What does teacher forcing do to the training loss at the end?",
            remarks=_ratio_at_the_end(sweep.results),
        )
        psnr = effect(sweep, axis, last_psnr(), "What does teacher forcing do to validation PSNR?")
        return [*(while_on if forced.epochs else ()), after, psnr]
    name = axis.rpartition(".")[2]
    return [
        effect(sweep, axis, last_loss(), f"Which {name} ends with the lower training loss?"),
        effect(sweep, axis, last_psnr(), f"Which {name} ends with the higher validation PSNR?"),
    ]


def _ratio_at_the_end(results: Sequence[Result]) -> tuple[str, ...]:
    last = [
        value for result in results if result.state == FINISHED and (value := result.last(TFR)) is not None
    ]
    if not last or any(value != 0 for value in last):
        return ()
    return (
        (
            "At the last epoch the ratio is 0 in every finished run: what is compared here is what teacher forcing has "
            "left behind, not what it does while it is on."
        ),
    )
