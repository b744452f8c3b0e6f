"""Gathers the facts about runs' directories: how each run stands, what lies there, and what the store has too. Reads only."""

from __future__ import annotations

import filecmp
import json
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from analysis.read import tags
from analysis.results.pictures.artifacts import local_folder
from sweeps.disk.checkpoints import sort_out
from sweeps.disk.run_files import checkpoints_of
from sweeps.disk.tree import file_at, files_below
from sweeps.freeing.decisions import Kind
from sweeps.freeing.facts import Folder, RunFacts, Standing
from sweeps.freeing.standing import Doings, standing_of
from sweeps.rundir.delivered import Delivered, short_by_points, short_by_steps
from sweeps.rundir.journal import Artifact, read_entries
from sweeps.rundir.lease import liveness
from sweeps.rundir.process_identity import ProcessIdentity
from sweeps.spec.resources import Keep

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from analysis.read.store import RunPlace, RunRecord
    from sweeps.commands.session import Session
    from sweeps.disk.checkpoints import Checkpoint
    from sweeps.disk.tree import File
    from sweeps.freeing.standing import Wish
    from sweeps.rundir.paths import RunPaths


_ALL = frozenset({Keep.ALL})
NOT_SYNCED = "nothing says that W&B has all of them; `wandb sync` sends them and says so"


def may_work(paths: RunPaths) -> bool:
    """Whether a process may be at work on a run, or a cluster may have a job for it: on other machines nobody can tell."""
    if paths.job.exists() and not paths.exit.exists():
        return True
    try:
        process = ProcessIdentity.from_json(json.loads(paths.process.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return False
    except (OSError, ValueError, KeyError, TypeError):
        return True
    return process.is_alive() or not process.is_here()


class RunReader:
    """Reads the directories of runs.

    `places` is what the store says of runs, deleted ones included; `at_work` are the directories on which a process may be at work.
    """

    def __init__(
        self,
        session: Session,
        wish: Wish,
        *,
        places: Iterable[RunPlace],
        is_held: bool,
        at_work: Collection[Path],
        kinds: Collection[Kind],
    ) -> None:
        self._record = session.record
        self._keeps = session.keeps
        self._keeps_of_sweeps = {sweep.name: frozenset({sweep.spec.keep}) for sweep in session.sweeps}
        self._searches = session.searches
        self._wish = wish
        self._is_held = is_held
        self._at_work = at_work
        self._compares = not kinds or Kind.COPIES in kinds
        self._runs = {run.run_id: run for run in self._record.runs if run.is_trial}
        self._others = {run.run_id: run for run in self._record.others}
        self._is_alive = liveness((*self._record.runs, *self._record.others))
        self._places = {place.run_id: place for place in places}
        self._models: dict[Path, Mapping[tuple[str, int], list[File]]] = {}

    def read(self, folders: Sequence[RunPaths]) -> Iterator[RunFacts]:
        """Give the facts about each directory.

        Raises:
            AnalysisError: The record cannot be read.
        """
        short = self._short([paths for paths in folders if paths.run_id in self._places])
        for paths in folders:
            run_id = paths.run_id
            run, place = self._runs.get(run_id) or self._others.get(run_id), self._places.get(run_id)
            doings = Doings(
                may_work=paths.root in self._at_work or (run is not None and self._is_at_work(run)),
                is_held=self._is_held,
                is_sent=run_id not in short and _is_delivered(paths),
                is_refused=paths.refused.exists(),
            )
            standing = standing_of(place, run, self._wish, doings, is_others=run_id in self._others)
            label = f"{run.sweep}/{run.trial}" if run is not None else run_id
            facts = RunFacts(label, paths.root, standing, files_below(paths.root))
            yield (
                self._done(facts, paths, run, place) if run and place and standing is Standing.DONE else facts
            )

    def _is_at_work(self, run: RunRecord) -> bool:
        is_running = run.is_open and self._is_alive(run)
        return is_running or any(tag.startswith(f"{tags.CLAIM}.") for tag in run.tags)

    def _done(self, facts: RunFacts, paths: RunPaths, run: RunRecord, place: RunPlace) -> RunFacts:
        """The facts about a run that is done and in the file."""
        # A search may have got a trial since the file was opened.
        own = self._keeps_of_sweeps.get(run.sweep, _ALL)
        keeps = self._keeps.get(run.fingerprint or "", own) | (
            own if run.sweep in self._searches else frozenset()
        )
        if paths.refused.exists() or not self._wish.began(run):
            # What the store refused may be a model; what another file or profile began, it may want to keep.
            keeps = _ALL
        inner = [file for file in facts.files if file.path.is_relative_to(paths.files)]
        checkpoints = sort_out(keeps, checkpoints_of(paths, inner))
        referenced = _handed_over(paths)
        is_needed = paths.refused.exists() or paths.sources.exists()
        return replace(
            facts,
            keep=" and ".join(sorted(keep.value for keep in keeps)),
            checkpoints=checkpoints,
            journal=None if is_needed else file_at(paths.journal),
            handed=tuple(
                file
                for file in facts.files
                if file.path.is_relative_to(paths.outbox)
                and str(file.path.relative_to(paths.outbox)) not in referenced
            ),
            wandb=tuple(_wandb(paths, inner)),
            stored=tuple(self._stored(checkpoints.kept, place)) if self._compares else (),
        )

    def _short(self, folders: Iterable[RunPaths]) -> Collection[str]:
        """The runs of which the store has less than it was sent from here."""
        claims = {paths.run_id: claim for paths in folders if (claim := Delivered.read(paths)).tallies}
        if not claims:
            return ()
        if counts := self._record.counts(list(claims)):
            return short_by_points(claims, counts)
        return short_by_steps(claims, self._record.finals())

    def _stored(self, kept: Iterable[Checkpoint], place: RunPlace) -> Iterator[tuple[File, Path]]:
        """The files of checkpoints that the artifact store has, too, on the same disk, each with what it has."""
        folder = local_folder(place.artifacts)
        if folder is None:
            return
        own = _by_name(files_below(folder))
        models = self._models_beside(folder)
        for checkpoint in kept:
            for file in checkpoint.files:
                key = (file.path.name, file.size)
                same = [
                    one for one in (*own.get(key, ()), *models.get(key, ())) if one.inode[0] == file.inode[0]
                ]
                if not file.size or file.leads_to is not None or any(one.inode == file.inode for one in same):
                    continue
                found = next((one for one in same if _is_equal(file, one)), None)
                if found is not None:
                    yield file, found.path

    def _models_beside(self, artifacts: Path) -> Mapping[tuple[str, int], list[File]]:
        """The files of the experiment's logged models, which MLflow keeps beside its runs."""
        place = artifacts.parent.parent / "models"
        if place not in self._models:
            self._models[place] = _by_name(files_below(place)) if place.is_dir() else {}
        return self._models[place]


def _is_delivered(paths: RunPaths) -> bool:
    """Whether nothing of a run's journal and outbox has yet to be sent; what the store refused is not sent again."""
    claim = Delivered.read(paths)
    if claim.run_id not in {"", paths.run_id}:
        return False
    if paths.journal.exists() and read_entries(paths.journal, claim.size)[0]:
        return False
    return paths.refused.exists() or not any((paths.outbox / name).exists() for name in _handed_over(paths))


def _handed_over(paths: RunPaths) -> set[str]:
    """The files that the journal names, as far as there is anything in the outbox."""
    if not paths.outbox.is_dir() or not any(paths.outbox.iterdir()):
        return set()  # a long journal need not be read
    return {entry.file for entry in read_entries(paths.journal, 0)[0] if isinstance(entry, Artifact)}


def _wandb(paths: RunPaths, files: Iterable[File]) -> list[Folder]:
    """The folders of W&B's runs; those that `wandb sync` has sent are not needed. That one was online does not say that all is sent."""
    found: defaultdict[Path, list[File]] = defaultdict(list)
    for file in files:
        for folder in file.path.relative_to(paths.files).parents:
            if folder.parent.name == "wandb" and folder.name.startswith(("run-", "offline-run-")):
                found[paths.files / folder].append(file)
    folders = []
    for path, own in found.items():
        is_sent = any(file.path.name.endswith(".wandb.synced") for file in own)
        folders.append(Folder(path, tuple(own), "" if is_sent else NOT_SYNCED))
    return folders


def _by_name(files: Iterable[File]) -> Mapping[tuple[str, int], list[File]]:
    found: defaultdict[tuple[str, int], list[File]] = defaultdict(list)
    for file in files:
        if file.leads_to is None:
            found[file.path.name, file.size].append(file)
    return found


def _is_equal(one: File, other: File) -> bool:
    try:
        return filecmp.cmp(one.path, other.path, shallow=False)
    except OSError:
        return False
