"""Which trial a process belongs to, and which of the trial's processes it is."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from typing import Any

RANKS = ("RANK", "OMPI_COMM_WORLD_RANK", "PMI_RANK", "PMIX_RANK", "SLURM_PROCID", "LOCAL_RANK")
"""Variables in which launchers number the processes that they start; the first one that is set counts."""
OUTER_RANK = "SWEEP_OUTER_RANK"
"""The variable and value (`SLURM_PROCID=3`) that `sweep` itself was started with: it says nothing of the program."""
RUN_NAME = "script.run_name"
"""The tag for the name that a program gives its run; the run's own is the trial's."""


class Trial:
    """The trial of this process.

    Args:
        config: The file of the trial's config (`$SWEEP_CONFIG`); the run's directory has the run's id as its name.
        uri: The tracking URI of the store that has the run.
    """

    def __init__(self, config: Path, uri: str) -> None:
        self.folder = config.parent
        self.run_id = config.parent.name
        self.uri = uri
        self.name_asked: str | None = None
        self._config_file = config
        self._config: dict[str, Any] | None = None
        self._told: set[str] = set()

    @classmethod
    def of_environment(cls) -> Trial | None:
        """The trial that the environment names; None: this process belongs to none."""
        config = os.environ.get("SWEEP_CONFIG")
        return cls(Path(config), os.environ.get("MLFLOW_TRACKING_URI", "")) if config else None

    @property
    def config(self) -> dict[str, Any]:
        """The trial's settings by their dotted keys: the params of its run."""
        if self._config is None:
            try:
                self._config = dict(json.loads(self._config_file.read_text(encoding="utf-8")))
            except (OSError, ValueError):
                self._config = {}
        return self._config

    @property
    def attempt(self) -> int:
        """The number of the attempt that runs."""
        numbers = (path.stem.rpartition("-")[2] for path in self.folder.glob("attempt-*.log"))
        return max((int(number) for number in numbers if number.isdigit()), default=1)

    @property
    def is_unclaimed(self) -> bool:
        """Whether no run of the program stands for the trial's yet: MLflow removes the variable with the first."""
        return os.environ.get("MLFLOW_RUN_ID") == self.run_id

    def claim(self) -> None:
        """Note that a run of the program stands for the trial's, for this process and those that it starts."""
        os.environ.pop("MLFLOW_RUN_ID", None)

    def has_store(self, uri: object) -> bool:
        """Whether a tracking URI is that of the trial's store."""
        return _plain(str(uri)) == _plain(self.uri)

    def tell_of_store(self, uri: object) -> None:
        """Say that the trial's run is not where the program looks for it."""
        store = re.sub(r"//[^/@]*@", "//***@", str(uri))
        self.tell(
            f"the trial's run is in the sweep's store: what is logged to it goes there, and not to {store}"
        )

    def tell(self, text: str, about: str = "") -> None:
        """Say something in the trial's log, once for each thing that it is about (or each text)."""
        if (about or text) not in self._told:
            self._told.add(about or text)
            try:
                print(f"sweep: {text}", file=sys.stderr, flush=True)  # noqa: T201 - the trial's log
            except (AttributeError, OSError, ValueError):
                return  # the program closed its stderr


def rank() -> int:
    """The number of this process among those that do the same together; 0 where it is the only one, or the first."""
    distributed: Any = sys.modules.get("torch.distributed")
    try:
        if distributed is not None and distributed.is_available() and distributed.is_initialized():
            return int(distributed.get_rank())
    except Exception:  # noqa: BLE001, S110 - a library's inside; the environment says it too
        pass
    found = _rank_given()
    return int(found[1]) if found is not None and "=".join(found) != os.environ.get(OUTER_RANK) else 0


def note_outer_rank() -> None:
    """Note, for programs that this process will start, the number that its own launcher gave it."""
    found = _rank_given()
    if found is not None:
        os.environ[OUTER_RANK] = "=".join(found)
    else:
        os.environ.pop(OUTER_RANK, None)


def _rank_given() -> tuple[str, str] | None:
    for name in RANKS:
        value = os.environ.get(name, "")
        if value.isdigit():
            return name, value
    return None


def _plain(uri: str) -> str:
    """A tracking URI with relative paths made absolute: `sqlite:///mlflow.db` is where the process stands."""
    for scheme in ("sqlite:///", "file://", "file:"):
        if uri.startswith(scheme) and not uri.startswith(scheme + "/"):
            return scheme + os.path.abspath(uri[len(scheme) :])  # noqa: PTH100 - a text, no path of the program's
    return uri.rstrip("/")
