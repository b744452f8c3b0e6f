"""What the name of a metric tells: whether it judges a run, whether low is likely to be better, what it is nearest to. Pure."""

from __future__ import annotations

import json
import re
from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

EPOCH, STEP, FRAME = "epoch", "step", "frame"
"""What the steps of a metric may be; a step is one of a kind that nothing tells, such as a batch."""
PER_FRAME = "frame/"
"""What metrics over the frames of a video begin with: they are no curves over epochs."""
NO_SCORES = ("time/", PER_FRAME, "system/")
"""What the names of metrics begin with that judge no epoch."""
_SPEED = re.compile(
    r"(.*[/_.-])?(\w*time|dur|duration|ms|sps|fps|mfu|\w*per_second|took|elapsed|eta|secs?|seconds|consumed|takes|\w*speed|\w*throughput|\w*tput|"
    r"(steps|it|iter|img|samples|tokens|tok)_s(ec(_\w+)?)?)",
    re.IGNORECASE,
)
_SETTING = re.compile(r"(.*[/_.-])?(total_flos|lr|learning_rate|grad_norm)", re.IGNORECASE)
_PHASES = r"train|training|val|valid|validation|dev|eval|test|heldout"
_PHASE = re.compile(_PHASES, re.IGNORECASE)
"""A phase alone, as in `train 0.59 | val 0.50`: nothing tells what it measures, and so which way is better."""
_LOW_IS_BETTER = re.compile(
    rf"(.*[/_. -])?(\w*loss\w*|\w*error(_\w+)?|err|mse|mae|rmse|nll|perplexity|ppl|bpc|wer|cer|fid)([/_. -]({_PHASES}))?",
    re.IGNORECASE,
)
_GOAL = re.compile(r"return|rew|score|acc|accuracy|f1|auc|auroc|r2|psnr|ssim|bleu|iou|dice", re.IGNORECASE)
"""What a score that high values are good of is called, or a part of it."""
_OF_EPISODE = re.compile(r"episod\w*[_ ](return|reward|rew|score)", re.IGNORECASE)
"""What one episode gave: the last value alone says little, the mean of the last ones does."""
_NO_CURVE = re.compile(r"(?i)best|(^|[_/])train")
"""What is the best so far already, and what no training stops by."""
UNKNOWN_WAY = "higher or lower or neither"
"""Stands for the way that is better where no name tells it: no file takes it, so that nobody has it without a choice."""
_SPREAD = re.compile(r"(^|[/_.-])(std|sd|stddev|stderr|sem|var)([/_.-]|$)", re.IGNORECASE)
_PLAIN = re.compile(r"[A-Za-z_][\w./-]*")
"""Names that YAML takes as they are."""
_TEST = re.compile(r"(.*[/_.-])?test([/_.-].*)?", re.IGNORECASE)
_VALIDATION = re.compile(r"(.*[/_.-])?(val|valid|validation|dev|eval|heldout)([/_.-].*)?", re.IGNORECASE)


def is_loss(key: str) -> bool:
    """Whether a metric is a loss, by its name: one that may be drawn on a log scale."""
    return "loss" in key.rpartition("/")[2].lower()


def is_score(key: str) -> bool:
    """Whether a metric says how good something is, by its name: it is no time, no speed, and no learning rate."""
    return not key.startswith(NO_SCORES) and not is_speed(key) and _SETTING.fullmatch(key) is None


def is_speed(key: str) -> bool:
    """Whether a metric is a time or a speed, by its name."""
    return _SPEED.fullmatch(key) is not None


def judges(name: str) -> bool:
    """Whether a name is one of those that say how good something is: a loss, an error, an accuracy, a reward."""
    return is_score(name) and (_LOW_IS_BETTER.fullmatch(name) is not None or _GOAL.search(name) is not None)


def is_test(name: str) -> bool:
    """Whether a metric is one of the test data, by its name."""
    return _TEST.fullmatch(name) is not None


def is_validation(name: str) -> bool:
    """Whether a metric is one of held-out data that are not the test data, by its name."""
    return not is_test(name) and _VALIDATION.fullmatch(name) is not None


def suggestion(recorded: Iterable[str], *, stops_early: bool = False, once: Collection[str] = ()) -> str:
    """The line of a file that would have runs judged by one of these metrics; empty where none of them judges.

    Args:
        recorded: The names of metrics.
        stops_early: Whether runs end once a metric has not improved for a while, so that its last value is not what they gave.
        once: Those of them of which a run has one value, as what is measured at its end: that is neither its best nor its last.
    """
    scores = sorted(
        (key for key in recorded if is_score(key) and not _PHASE.fullmatch(key)),
        key=lambda key: _likelihood(key, is_single=key in once),
    )
    if not scores:
        return ""
    name = scores[0]
    is_low, is_high = _LOW_IS_BETTER.fullmatch(name), _GOAL.search(name)
    better = "lower" if is_low else "higher" if is_high else UNKNOWN_WAY
    stops = stops_early and not _NO_CURVE.search(name)
    value = "" if name in once else "tail" if _OF_EPISODE.search(name) else "best" if stops else ""
    judged = f"{{better: {better}, value: {value}}}" if value else better
    return f"measures: {{{name if _PLAIN.fullmatch(name) else json.dumps(name)}: {judged}}}"


def _likelihood(key: str, *, is_single: bool) -> tuple[bool, bool, bool, bool, int, str]:
    """The less, the likelier is a metric to be what the runs are for.

    That is one that judges, and is no spread; of validation data; one that a run has once, as at its end, before one whose last value would
    count, as of the last fold; of test data; a score before a loss.
    """
    rank = 1 if _LOW_IS_BETTER.fullmatch(key) is not None else 0 if _GOAL.search(key) is not None else 2
    judging = judges(key) and _SPREAD.search(key) is None
    return not judging, not is_validation(key), not is_single, not is_test(key), rank, key


def nearest(word: str, known: Collection[str]) -> str:
    """The known name that is nearest to a word; empty where none is near."""
    lowered = {name.lower(): name for name in sorted(known)}
    close = get_close_matches(word.lower(), lowered, n=1)
    return lowered[close[0]] if close else ""
