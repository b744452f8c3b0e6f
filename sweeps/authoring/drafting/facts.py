"""What was found out about a script, from which its file is written."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sweeps.authoring.outputs.checkpoints import Checkpoints
from sweeps.authoring.outputs.writers import Written

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sweeps.authoring.option import Interface, Option
    from sweeps.authoring.outputs.finding import FoundSource


@dataclass(frozen=True, slots=True)
class Facts:
    """What was found out about a script.

    Attributes:
        script: The script, as the command names it where it is run by its path.
        interface: How it is started.
        written: What it writes and reads.
        printed: The patterns of what it prints.
        present: The names of what lies where it is started.
        before: Words of its command line that no option takes and that stand before the options.
        after: Those behind them.
        files: The config files that it reads, whose values no file of ours repeats.
        checkpoints: What it can go on from.
        logged: The names under which it logs metrics.
        logged_once: Those of them of which a run has one value.
        printed_only: Those of them that it prints, and logs nowhere else.
        stops_early: Whether its training ends early, where a metric does not improve.
        was_run: Whether it was run once.
        probed: The lines of `metrics:` that a run showed; None: none.
        wrote: What a run left where it was started.
        words: What is typed behind the script's name.
        held: What its config files set and no option stands for.
        typed: What was typed for the script, where that is not its path: its package's folder, or its module behind `-m`.
        module: The module that it is run as; empty: it is run by its path.
        base: The folder that this is found from, where Python does not look by itself; empty: it does.
        folder: The name of the folder that the script lies in.
    """

    script: str
    interface: Interface
    written: Written = field(default_factory=lambda: Written((), (), ()))
    printed: Sequence[FoundSource] = ()
    present: frozenset[str] = frozenset()
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    checkpoints: Checkpoints = field(default_factory=Checkpoints)
    logged: tuple[str, ...] = ()
    stops_early: bool = False
    was_run: bool = False
    probed: Sequence[str] | None = None
    wrote: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    held: tuple[Option, ...] = ()
    typed: str = ""
    module: str = ""
    base: str = ""
    folder: str = ""
    logged_once: frozenset[str] = frozenset()
    printed_only: frozenset[str] = frozenset()
