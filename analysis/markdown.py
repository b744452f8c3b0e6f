"""`report.md`: the studies in words, tables and pictures, from results alone."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Any

from analysis.summarize import COPY_FIRST, FINISHED, FOREGROUND, PSNR, Result, StudyResults, differences

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from analysis.curves import FigureData

NONE = "\N{EN DASH}"
"""Stands for a number that was not recorded; one that was recorded as not a number says so."""

SETTINGS = (
    "kl_anneal_type",
    "kl_anneal_ratio",
    "kl_anneal_cycle",
    "tfr",
    "tfr_sde",
    "tfr_d_step",
    "num_epoch",
    "lr",
)
"""Settings that the report tells of each run, where the config has them; whatever varies is added."""


def report_text(
    experiment: str,
    spec_name: str,
    profile: str | None,
    studies: Sequence[StudyResults],
    figures: Mapping[str, Sequence[FigureData]],
) -> str:
    """Return the whole report. Figures are linked relative to it, by the name of their study."""
    results = [result for found in studies for result in found.results]
    with_profile = f", profile `{profile}`" if profile else ""
    parts = [
        f"# {experiment}",
        f"Made from `{spec_name}`{with_profile}, experiment `{experiment}` in MLflow. {_counts(results)}",
        (
            "Made again with `sweep report`; `manifest.json` lists the runs and metrics behind each figure. "
            "PSNR is in dB, the mean over predicted frames; *copy first* is the PSNR of repeating the first frame, "
            "*skill* is PSNR minus that, *moving pixels* is PSNR on those alone. *Time* is the sum over epochs, "
            "without pauses between attempts. Last values are those of the last epoch recorded."
        ),
    ]
    for found in studies:
        parts += _study(found, figures[found.study.name])
    return "\n\n".join(parts) + "\n"


def _study(found: StudyResults, figures: Sequence[FigureData]) -> list[str]:
    study, results = found.study, found.results
    over = " \N{MULTIPLICATION SIGN} ".join(f"`{axis}`" for axis in study.axes) or "one setting"
    parts = [f"## {study.name}", f"{over}. {_counts(results)}", verdict(results)]
    if incomplete := [
        f"- `{result.trial.name}`: {_cell(result.condition)}"
        for result in results
        if result.state != FINISHED
    ]:
        parts += [
            "**Not finished**, and in the figures only as far as they are recorded:",
            "\n".join(incomplete),
        ]
    if several := [result for result in results if result.others]:
        told = ", ".join(f"`{result.trial.name}` ({result.others} more)" for result in several)
        parts.append(f"Recorded more than once, the latest run is shown: {told}.")
    for difference in differences(results):
        kinds = "\n".join(
            f"- {_cell(text)}: {', '.join(f'`{name}`' for name in names)}"
            for text, names in difference.groups
        )
        parts += [f"**Compare with care: these runs differ in {difference.what}.**", kinds]
    for figure in figures:
        parts.append(f"![{figure.title}]({figure.path})")
        if figure.notes:
            parts.append("\n".join(f"- {_cell(note)}" for note in figure.notes))
    parts += [
        "### Results",
        _results_table(results),
        "### Runs and settings",
        _settings_table(study.axes, results),
    ]
    parts += ["### Commands", "\n\n".join(_commands(result) for result in results)]
    return parts


def verdict(results: Sequence[Result]) -> str:
    """Say whether a model beats copying the first frame, at the last epoch and at its best, from the numbers."""
    judged = [(result, result.skill_db) for result in results]
    skills = {
        result.trial.name: skill for result, skill in judged if skill is not None and math.isfinite(skill)
    }
    if not skills:
        return (
            "**Does a model beat copying the first frame?** The record cannot tell: no trial has both PSNRs."
        )
    better = [name for name, skill in skills.items() if skill > 0]
    best = max(skills, key=lambda name: skills[name])
    answer = (
        f"Yes: {len(better)} of {len(skills)} end above it"
        if better
        else f"No: none of {len(skills)} ends above it"
    )
    unfinished = sum(result.trial.name in skills and result.state != FINISHED for result in results)
    if unfinished:
        answer += f" ({unfinished} of them unfinished, judged where they stand)"
    text = f"**Does a model beat copying the first frame?** {answer}; the best is `{best}` ({skills[best]:+.2f} dB)."
    passing = [
        f"`{result.trial.name}` ({top[0] - copy:.2f} dB above, epoch {top[1]})"
        for result in results
        if result.trial.name in skills
        and result.trial.name not in better
        and (top := result.curves[PSNR].best)
        and (copy := result.last(COPY_FIRST)) is not None
        and top[0] > copy
    ]
    if passing:
        text += f" Above it at their best epoch, and no longer at the last: {', '.join(passing)}."
    if left_out := [f"`{result.trial.name}`" for result in results if result.trial.name not in skills]:
        text += f" Not judged, for lack of numbers: {', '.join(left_out)}."
    return text


def _results_table(results: Iterable[Result]) -> str:
    head = (
        "trial",
        "outcome",
        "epochs",
        "PSNR, last",
        "PSNR, best (epoch)",
        "copy first",
        "skill",
        "moving pixels",
        "time",
    )
    return _table(
        head,
        [
            (
                f"`{result.trial.name}`",
                result.state,
                str(result.epochs),
                _number(result.last(PSNR)),
                _best(result),
                _number(result.last(COPY_FIRST)),
                _number(result.skill_db, "+.2f"),
                _number(result.last(FOREGROUND)),
                _duration(result.wall_s),
            )
            for result in results
        ],
        words=2,
    )


def _settings_table(axes: Sequence[str], results: Sequence[Result]) -> str:
    configs = [result.trial.config for result in results]
    every = dict.fromkeys(key for config in configs for key in config)
    varying = [key for key in every if len({repr(config.get(key)) for config in configs}) > 1]
    shown = list(dict.fromkeys([*axes, *(key for key in SETTINGS if key in every), *varying]))
    table = _table(
        ("trial", "run", "fingerprint", *(f"`{key}`" for key in shown)),
        [
            (
                f"`{result.trial.name}`",
                f"`{result.run.run_id}`" if result.run else NONE,
                f"`{result.trial.fingerprint}`",
                *(_cell(str(result.trial.config.get(key, NONE))) for key in shown),
            )
            for result in results
        ],
        words=3,
    )
    shared = [
        f"`{key}` {_cell(str(value))}"
        for key, value in (configs[0] if configs else {}).items()
        if key not in shown
    ]
    return table + (f"\n\nShared by all: {', '.join(sorted(shared))}." if shared else "")


def _commands(result: Result) -> str:
    lines = [result.trial.command]
    if result.trial.report_command:
        lines += ["# in the words of the report's trainer:", result.trial.report_command]
    return f"`{result.trial.name}`\n```bash\n" + "\n".join(lines) + "\n```"


def _counts(results: Sequence[Result]) -> str:
    states = Counter(result.state for result in results)
    told = ", ".join(
        f"{count} {state}" for state, count in sorted(states.items(), key=lambda item: item[0] != FINISHED)
    )
    return f"{len(results)} trial{'' if len(results) == 1 else 's'}: {told}." if results else "No trials."


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], words: int) -> str:
    """Lay out a table whose first `words` columns are text, the others numbers."""
    rule = ["---" if index < words else "---:" for index in range(len(head))]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, rule, *rows))


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", r"\|").replace("<", "&lt;")


def _number(value: float | None, form: str = ".2f") -> str:
    return NONE if value is None else format(value, form) if math.isfinite(value) else "NaN"


def _best(result: Result) -> str:
    best = result.curves[PSNR].best if PSNR in result.curves else None
    return f"{best[0]:.2f} ({best[1]})" if best else NONE


def _duration(seconds: float | None) -> Any:
    if seconds is None:
        return NONE
    whole = round(seconds)
    hours, minutes = divmod(whole // 60, 60)
    if hours:
        return f"{hours} h {minutes:02d} min"
    return f"{minutes} min {whole % 60:02d} s" if minutes else f"{seconds:.1f} s"
