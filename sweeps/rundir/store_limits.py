"""What a tracking store takes of names, texts and steps. Pure, and the one place that knows it.

Asked before anything is written: by `sweep check` of keys, values and names, by a trial of what its trainer logs, and by
the record of what comes from elsewhere. The rules are MLflow's own (`mlflow.utils.validation`), and those of the columns
of its databases.
"""

from __future__ import annotations

import functools
import posixpath
import re
from dataclasses import dataclass

MAX_NAME = 250
"""Characters of the name of a metric, param, tag or run."""
MAX_PARAM = 6000
"""Characters of a param."""
MAX_TAG = 8000
"""Characters of a tag."""
LEAST_STEP, MOST_STEP = -(2**63), 2**63 - 1
"""Steps are 64-bit integers."""

_NAME = re.compile(r"[/\w.\- :]*")
_OTHER = re.compile(r"[^\w.\-]+")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_TAKES_ANY_TEXT = frozenset({"sqlite", "file"})
_SCHEME = re.compile(r"([A-Za-z]\w*)[+\w]*:")


@dataclass(frozen=True, slots=True)
class StoreLimits:
    """Where stores differ.

    Attributes:
        experiment: Characters of the name of an experiment.
        takes_nul: Whether a text may hold the character NUL.
    """

    experiment: int
    takes_nul: bool

    @classmethod
    def of(cls, uri: str) -> StoreLimits:
        """The limits of the store at a tracking URI; a server's are those of any database that it may stand on."""
        scheme = _SCHEME.match(uri)
        if scheme is None or scheme[1].lower() in _TAKES_ANY_TEXT:
            return cls(experiment=500, takes_nul=True)
        return cls(experiment=256, takes_nul=False)

    def of_text(self, text: str) -> str | None:
        """What is wrong with a text, and what to do; None: nothing."""
        if _LONE_SURROGATE.search(text):
            return "holds half of a surrogate pair, which is no character; write it with the characters that are meant"
        if "\0" in text and not self.takes_nul:
            return "holds the character NUL, which this tracking store cannot keep; leave it out"
        return None

    def of_experiment(self, name: str) -> str | None:
        """What is wrong with the name of an experiment, and what to do; None: nothing."""
        if len(name) > self.experiment:
            return f"has {len(name)} characters, and this tracking store takes {self.experiment}; shorten it"
        return self.of_text(name)


@functools.lru_cache(maxsize=4096)
def of_name(name: str) -> str | None:
    """What is wrong with the name of a metric or param, and what to do; None: nothing."""
    if not name.strip(" /."):
        return "is empty, or only dots, slashes and spaces; give it a name"
    if not _NAME.fullmatch(name):
        odd = next(character for character in name if not _NAME.fullmatch(character))
        allowed = "letters, digits, spaces and _ - . : /"
        return f"holds {odd!r}, and MLflow takes {allowed} only; rename it, for example {plain_name(name)!r}"
    if posixpath.normpath(name) != name or name.startswith(("/", "..")):
        return (
            "is a path that leads elsewhere, and MLflow refuses that; leave out the needless slashes and dots"
        )
    if len(name) > MAX_NAME:
        return f"has {len(name)} characters, and MLflow takes {MAX_NAME}; shorten it"
    return None


def of_step(step: int) -> str | None:
    """What is wrong with a step, and what to do; None: nothing."""
    if LEAST_STEP <= step <= MOST_STEP:
        return None
    return f"is no 64-bit integer ({LEAST_STEP} to {MOST_STEP}); count epochs or batches"


def of_file_name(name: str) -> str | None:
    """What is wrong with the name of a file that is to be an artifact, and what to do; None: nothing."""
    if _LONE_SURROGATE.search(name):
        return "holds bytes that are no UTF-8; rename the file"
    return None


def storable(text: str, most: int = MAX_TAG) -> str:
    """A text of ours as every store can keep it: odd characters spelled out, and cut at `most` characters."""
    if not text.isascii():
        text = text.encode("utf-8", "backslashreplace").decode("utf-8")
    text = text.replace("\0", "\\x00")
    return text if len(text) <= most else text[: most - 1] + "…"


def as_number(key: str, value: object) -> float:
    """A metric's value as it is stored.

    Raises:
        TypeError: It is not a number.
    """
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        message = f"metric {key!r} must be a number, not {value!r}"
        raise TypeError(message) from None


def as_step(step: object) -> int:
    """A step as it is stored; 3.0 is one, too.

    Raises:
        TypeError: It is not a whole number.
    """
    try:
        if not isinstance(step, bool) and int(step) == step:  # type: ignore[call-overload]
            return int(step)  # type: ignore[call-overload, no-any-return]
    except (TypeError, ValueError, OverflowError):
        pass
    message = f"step must be a whole number, not {step!r}"
    raise TypeError(message)


def plain_name(name: str) -> str:
    """A name that every store takes, for one that none does."""
    parts = (_OTHER.sub("_", part).strip("_. ") for part in name[:MAX_NAME].split("/"))
    return "/".join(filter(None, parts)) or "metric"
