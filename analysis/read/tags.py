"""The tags that `sweep` writes on MLflow runs and reads back. Each name stands here, and nowhere else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

KIND = "sweeps.kind"
"""`KIND_SWEEP` or `KIND_TRIAL`; runs of other tools have no such tag."""
KIND_SWEEP, KIND_TRIAL = "sweep", "trial"

SWEEP = "sweeps.sweep"
"""The name of the sweep."""
ALSO = "sweeps.also"
"""Further sweeps that a trial belongs to, separated by commas."""
TRIAL = "sweeps.trial"
"""The name of the trial."""
FINGERPRINT = "sweeps.fingerprint"
"""The identity of the trial's resolved config."""

ATTEMPT = "sweeps.attempt"
"""The number of the last attempt, from 1."""
OUTCOME = "sweeps.outcome"
"""How the last attempt ended, one of `Outcome`; absent while it runs."""
REASON = "sweeps.reason"
"""Why it ended so."""
EPOCHS = "sweeps.epochs"
"""How many epochs are recorded."""
UNKNOWN_EPOCHS = "unknown"
"""What stands there for a program whose steps are no epochs, where nothing else says how many there were."""
SECONDS = "sweeps.seconds"
"""How many seconds its attempts ran in all; what lies between them does not count. Older records have none."""
ANEW = "sweeps.anew"
"""Of a trial that was taken up again: `NOT_ANEW`, or the metrics whose curves are of two trainings, as JSON: for each the
last step that is of the earlier one. Nothing tells: no tag."""
NOT_ANEW = "no"
"""It went on, or gave the same values once more."""
OWNER = "sweeps.owner"
"""The supervisor's process, as JSON: host, boot id, pid, start."""
LEASE = "sweeps.lease"
"""On a sweep's run: until when its owner holds it, in milliseconds since 1970 UTC."""

SET_ASIDE = "sweeps.set_aside"
"""When somebody asked for the trial to be trained again, in milliseconds since 1970 UTC: another run is to stand for it."""
CLAIM = "sweeps.claim"
"""With a supervisor's digest behind a dot: it is about to take up the run; there for moments only."""

CODE = "sweeps.code"
"""The trainer's code, as JSON: commit, dirty, digest, snapshot."""
FILES = "sweeps.files"
"""The files that the trial's arguments and settings name, as JSON: the digest by path, of large ones `[digest, bytes, time]`."""
METRICS = "sweeps.metrics"
"""How the metrics of a program were read, as JSON: a digest by metric, behind where it was found. Older records have none."""
TRAINER = "sweeps.trainer"
"""Which trainer: its function's dotted name, or its command's template."""
DATA = "sweeps.data"
"""The identity of the data."""
ENV = "sweeps.env"
"""The environment, as JSON: Python, packages, CUDA, host."""
PROFILE = "sweeps.profile"
"""The profile of the file that was in force; empty for none."""
WISH = "sweeps.wish"
"""Who asked for the trial: the file's name, and the `--set` and `--seeds` that were in force."""
ADOPTED = "sweeps.adopted"
"""Where a run was found that `sweep adopt` recorded: `sweep` did not run it, and knows no more of it than stands there."""
OF_FOLDER = "folder "
"""What stands there before the path of a folder."""
WANDB = "sweeps.wandb"
"""The address of its run in Weights & Biases, where the program runs one online."""
SHARED_FILES = "sweeps.shared_files"
"""Files outside its directory that changed while it ran and while another trial did, as JSON: the other trial by path."""
SEARCH = "sweeps.search"
"""What a search suggested for the run, as JSON."""
PRUNED = "sweeps.pruned"
"""Which searches stopped the run early, as JSON: by sweep the objective, the reason, and how far the run was then."""

NOTE = "mlflow.note.content"
"""MLflow's own: the description that its UI shows."""
RUN_NAME = "mlflow.runName"
"""MLflow's own: the name of the run."""
PARENT = "mlflow.parentRunId"
"""MLflow's own: the run that this one is nested under."""
USER, SOURCE_NAME, SOURCE_TYPE = "mlflow.user", "mlflow.source.name", "mlflow.source.type"
"""MLflow's own: who ran it, and what."""
GIT_COMMIT = "mlflow.source.git.commit"
"""MLflow's own: the commit of the code, which may have changed since (`CODE` says whether)."""


def epochs_text(done: int, *, has_metrics: bool) -> str:
    """What `EPOCHS` says of a run.

    Args:
        done: How many epochs are known to be over.
        has_metrics: Whether any metric is recorded.
    """
    return UNKNOWN_EPOCHS if has_metrics and not done else str(done)


LARGE = 1 << 20
"""Of a larger file its time is recorded, so that it is not read again."""
LONGEST = 4000
"""Characters that a value of `SHARED_FILES`, `FILES` or `METRICS` has at most; MLflow takes 5000."""


def shared_files_text(found: Mapping[str, str]) -> str:
    """What `SHARED_FILES` says of a run: the other trial by path; as many as fit."""
    return _as_many_as_fit(found)


def _as_many_as_fit(found: Mapping[str, object]) -> str:
    """A mapping as JSON, with its first entries where not all of them fit."""
    parts: list[str] = []
    length = 0
    for key, value in found.items():
        parts.append(json.dumps({key: value})[1:-1])
        length += len(parts[-1]) + 2
        if length > LONGEST:
            parts.pop()
            break
    return f"{{{', '.join(parts)}}}"


class FileState(NamedTuple):
    """What a file holds.

    Attributes:
        digest: A hash of its content; None: it is too large for one.
        size: Its bytes; 0: they are not known.
        time_ns: When it last changed, in nanoseconds since 1970 UTC; 0: that is not known.
    """

    digest: str | None
    size: int
    time_ns: int

    @property
    def content(self) -> str:
        """What tells its content from another: its digest, or else its size and time."""
        return self.digest or f"of {self.size} bytes at {self.time_ns // 1_000_000}"


def files_text(found: Mapping[str, FileState]) -> str:
    """What `FILES` says of a run: each file by its path; as many as fit."""
    return _as_many_as_fit(
        {path: state if state.size > LARGE else state.digest for path, state in found.items()}
    )


def entries_text(before: str, after: str) -> str:
    """A tag of JSON entries, such as `SEARCH`, with the entries of another text laid over those that it has."""
    try:
        return json.dumps({**json.loads(before or "{}"), **json.loads(after)})
    except (ValueError, TypeError):
        return after


THEN = ", then "
"""Stands between the readings of a metric that attempts read in several ways, as the file was edited between them."""


def readings_text(found: Mapping[str, str]) -> str:
    """What `METRICS` says of a run: how each metric was read; as many as fit."""
    return _as_many_as_fit(found)


def readings_of(text: str) -> dict[str, str]:
    """Read what `readings_text` gave; nothing where it is something else."""
    return shared_files_of(text)


def files_of(text: str) -> dict[str, FileState]:
    """Read what `files_text` gave; nothing where it is something else."""
    try:
        found = json.loads(text)
        return {
            str(path): FileState(own, 0, 0)
            if isinstance(own, str)
            else FileState(own[0], int(own[1]), int(own[2]))
            for path, own in found.items()
        }
    except (ValueError, TypeError, LookupError, AttributeError):
        return {}


def shared_files_of(text: str) -> dict[str, str]:
    """Read what `shared_files_text` gave; nothing where it is something else."""
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return {str(path): str(other) for path, other in found.items()} if isinstance(found, dict) else {}


MOST_ANEW = 20
"""Metrics that `ANEW` names at most."""


def anew_text(last_steps: Mapping[str, int]) -> str:
    """What `ANEW` says of a run: the last step of the earlier training by metric; so many at most."""
    return json.dumps(dict(list(last_steps.items())[:MOST_ANEW])) if last_steps else NOT_ANEW


def anew_of(text: str) -> dict[str, int] | None:
    """Read what `anew_text` gave; None where nothing tells."""
    try:
        found = {} if text == NOT_ANEW else json.loads(text)
        return {str(key): int(step) for key, step in found.items()}
    except (ValueError, TypeError, AttributeError):
        return None


def seconds_tag(seconds: float | None) -> dict[str, str]:
    """The tag `SECONDS`; none where nobody knows."""
    return {} if seconds is None else {SECONDS: f"{seconds:.3f}"}
