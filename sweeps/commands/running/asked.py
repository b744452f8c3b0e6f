"""What a `sweep run` was asked to do, as another one can compare it with its own. Pure."""

from __future__ import annotations

import contextlib
import hashlib
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from analysis.read.errors import masked
from analysis.read.store import absolute_uri

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sweeps.commands.session import Session

RETRY = "--retry-failed"
"""The one option that is handed over: it asks for trials, and changes nothing of those that there are."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The command line of a `sweep run`.

    Attributes:
        file: The file's path, absolute.
        store: Tells the stores apart; their addresses are not for all who may read the state directory.
        profile: The profile in force, or empty.
        choices: The options that choose trials and settings, a text each.
        options: Those that say how trials are run, likewise.
    """

    file: str
    store: str
    profile: str
    choices: tuple[str, ...]
    options: tuple[str, ...]

    @classmethod
    def of(cls, session: Session) -> Self:
        """What a session was asked."""
        asked = session.request
        given = {
            "--set": asked.overrides,
            "--sweep": asked.sweeps,
            "--only": asked.only,
            "--except": asked.excepting,
            "--seeds": () if asked.seeds is None else (asked.seeds,),
        }
        return cls(
            str(Path(asked.file).resolve()),
            _store_key(session.record.tracking_uri),
            session.profile or "",
            tuple(f"{option} {value}" for option, values in given.items() for value in values),
            tuple(_options(asked.options)),
        )

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The inverse of `to_json`.

        Raises:
            KeyError: It is something else.
        """
        file, store, profile = (str(data[name]) for name in ("file", "store", "profile"))
        return cls(file, store, profile, tuple(data["choices"]), tuple(data["options"]))

    def to_json(self) -> dict[str, Any]:
        """As it stands in a file."""
        return asdict(self)

    @property
    def retries_failed(self) -> bool:
        """Whether failed trials are to be taken up again."""
        return RETRY in self.options

    def obstacles(self, running: Asked) -> Iterator[str]:
        """Why a `sweep run` that goes on cannot do what this one asks, a half sentence each; nothing: it can.

        It must be about the same trials: the same file and store, the same profile and choices. How it runs them is its own,
        but what this one asks for in words must be so. `--retry-failed` is handed over.

        Args:
            running: What the one that goes on was asked.
        """
        if self.file != running.file:
            yield f"it runs {running.file}"
        if self.store != running.store:
            yield "it records in another store"
        if self.profile != running.profile:
            yield f"it has {f'the profile {running.profile}' if running.profile else 'no profile'}"
        more = [choice for choice in self.choices if choice not in running.choices]
        more += [option for option in self.options if option not in {*running.options, RETRY}]
        if more:
            yield f"it was started without {', '.join(more)}"
        if fewer := [choice for choice in running.choices if choice not in self.choices]:
            yield f"it was started with {', '.join(fewer)}"


def _store_key(uri: str) -> str:
    with contextlib.suppress(ValueError):  # an address that is none: whoever opens it says so
        uri = absolute_uri(uri)
    return hashlib.sha256(os.fsencode(masked(uri))).hexdigest()[:16]


def _options(words: Sequence[str]) -> Iterator[str]:
    """Words of a command line as options, each with its value: `--jobs 2`."""
    option: list[str] = []
    for word in words:
        if word.startswith("--") and option:
            yield " ".join(option)
            option = []
        option.append(word)
    if option:
        yield " ".join(option)
