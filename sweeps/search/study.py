"""The study: the one door to Optuna's storage, which optuna-dashboard opens too."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from sweeps.errors import StudyError
from sweeps.search.reconcile import Known, State, Told
from sweeps.search.sampling import make_pruner, make_sampler, quiet, to_optuna
from sweeps.search.space import Dimension, Kind
from sweeps.search.trials import as_config

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import optuna
    from optuna.distributions import BaseDistribution
    from optuna.storages import BaseStorage

    from sweeps.search.trials import Params, SearchTrials
    from sweeps.source import Value

_LOCKED_FOR_S = 60.0


class Study:
    """One search's study, opened or made.

    Args:
        search: The search.
        experiment: The experiment's name.
        url: Where the storage is.

    Raises:
        StudyError: The storage cannot be opened.
    """

    def __init__(self, search: SearchTrials, experiment: str, url: str) -> None:
        self.name = f"{experiment}/{search.sweep}/{search.digest}"
        self._search = search
        self._url = url
        self._prunes = search.spec.pruner.name != "none"
        self._distributions = {d.key: distribution(d) for d in search.spec.dimensions}
        with self._guarded():
            self._storage = open_storage(url)
            self._pruner = make_pruner(search.spec, search.epochs)
            self._study = self._create()

    def trials(self) -> list[Told]:
        """Every trial that was suggested, as the study has it."""
        from optuna.trial import TrialState

        states = {
            TrialState.RUNNING: State.OPEN,
            TrialState.COMPLETE: State.COMPLETE,
            TrialState.PRUNED: State.PRUNED,
            TrialState.FAIL: State.FAILED,
        }
        found = []
        with self._guarded():
            for trial in self._study.get_trials(deepcopy=False):
                if trial.state in states:
                    params = self._params(trial.params)
                    made = self._search.trial(params, "") if params is not None else None
                    values = tuple(trial.values) if trial.state is TrialState.COMPLETE else None
                    identity = made.fingerprint if made else None
                    found.append(Told(trial.number, states[trial.state], params or {}, values, identity))
        return found

    def ask(self, point: Params | None = None) -> tuple[int, Params]:
        """The next suggestion, or the given point; returns its number and what each drawn key gets."""
        with self._guarded():
            if point is not None:
                self._study.enqueue_trial({key: to_optuna(value) for key, value in point.items()})
            number = len(self._study.get_trials(deepcopy=False))
            self._study.sampler = make_sampler(self._search.spec, number)
            trial = self._study.ask()
            return trial.number, self._search.active(lambda dimension: self._suggest(trial, dimension))

    def is_exhausted(self) -> bool:
        """Whether a grid sampler has suggested everything."""
        if self._search.spec.sampler.name != "grid":
            return False
        from optuna.samplers import GridSampler

        sampler = make_sampler(self._search.spec, 0)
        assert isinstance(sampler, GridSampler)  # noqa: S101 - by its name
        with self._guarded():
            return sampler.is_exhausted(self._study)

    def link(self, number: int, **attributes: str) -> None:
        """Note on an open trial which run is its own."""
        with self._guarded():
            for key, value in attributes.items():
                self._storage.set_trial_user_attr(self._trial_id(number), key, value)

    def report(self, number: int, epoch: int, value: float) -> None:
        """Tell an open trial's value after an epoch; Optuna keeps none of them for several objectives."""
        if len(self._search.spec.objectives) == 1:
            with self._guarded():
                self._storage.set_trial_intermediate_value(self._trial_id(number), epoch, value)

    def should_prune(self, number: int) -> bool:
        """Whether an open trial is hopeless, as it stands."""
        if not self._prunes:
            return False
        with self._guarded():
            trial = self._storage.get_trial(self._trial_id(number))
            return bool(self._pruner.prune(self._study, trial))

    def tell(self, number: int, state: State, values: Sequence[float] | None) -> None:
        """End an open trial."""
        from optuna.samplers import RandomSampler

        with self._guarded():
            self._study.sampler = (
                RandomSampler()
            )  # a grid's would want to stop a loop that is not Optuna's here
            told = list(values or ()) if state is State.COMPLETE else None
            self._study.tell(number, told, state=_optuna_state(state))

    def add(self, known: Known) -> int:
        """Put in a trial that the record has, and return its number."""
        from optuna.trial import create_trial

        one = len(self._search.spec.objectives) == 1
        with self._guarded():
            number = len(self._study.get_trials(deepcopy=False))
            self._study.add_trial(
                create_trial(
                    state=_optuna_state(known.state),
                    values=list(known.values or ()) if known.state is State.COMPLETE else None,
                    params={key: to_optuna(value) for key, value in known.params.items()},
                    distributions={key: self._distributions[key] for key in known.params},
                    intermediate_values=dict(known.curve) if one else None,
                    user_attrs=links(known),
                )
            )
            return number

    def clear(self) -> None:
        """Begin anew."""
        import optuna

        with self._guarded():
            optuna.delete_study(study_name=self.name, storage=self._storage)
            self._study = self._create()

    def _create(self) -> optuna.Study:
        import optuna

        self._ids: dict[int, int] = {}
        objectives = self._search.spec.objectives
        study = optuna.create_study(
            study_name=self.name,
            storage=self._storage,
            pruner=self._pruner,
            directions=["maximize" if objective.maximize else "minimize" for objective in objectives],
            load_if_exists=True,
        )
        if not study.metric_names:
            study.set_metric_names([objective.metric for objective in objectives])
        return study

    def _suggest(self, trial: optuna.Trial, dimension: Dimension) -> Value:
        made: Any = self._distributions[dimension.key]
        if dimension.kind is Kind.CHOICE:
            return as_config(dimension, trial.suggest_categorical(dimension.key, made.choices))
        suggest: Any = trial.suggest_int if dimension.kind is Kind.INT else trial.suggest_float
        return as_config(dimension, suggest(dimension.key, made.low, made.high, step=made.step, log=made.log))

    def _params(self, drawn: Mapping[str, Any]) -> Params | None:
        """What was drawn as the config takes it; None where the file's space no longer has it."""
        if not drawn.keys() <= self._search.dimensions.keys():
            return None
        try:
            return {key: as_config(self._search.dimensions[key], value) for key, value in drawn.items()}
        except (StopIteration, TypeError, ValueError):
            return None

    def _trial_id(self, number: int) -> int:
        """Optuna's id of a trial; looked up once, as each look-up is a query."""
        if number not in self._ids:
            study_id = self._storage.get_study_id_from_name(self.name)
            self._ids[number] = self._storage.get_trial_id_from_study_id_trial_number(study_id, number)
        return self._ids[number]

    @contextlib.contextmanager
    def _guarded(self) -> Iterator[None]:
        import optuna
        from sqlalchemy.exc import SQLAlchemyError

        from analysis.errors import masked

        try:
            with quiet():
                yield
        except (optuna.exceptions.StorageInternalError, SQLAlchemyError, OSError, ImportError) as error:
            cause = error.__cause__ or error
            told = masked((str(cause).strip().splitlines() or [type(cause).__name__])[0])
            raise StudyError(f"{masked(self._url)}: the search's study cannot be reached: {told}") from error


def links(known: Known) -> dict[str, str]:
    """What a trial of the study says of its run."""
    named = {"run_id": known.run_id or "", "name": known.name, "fingerprint": known.fingerprint}
    return {key: value for key, value in named.items() if value}


def distribution(dimension: Dimension) -> BaseDistribution:
    """A dimension as Optuna has it."""
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    if dimension.kind is Kind.CHOICE:
        return CategoricalDistribution([to_optuna(choice.value) for choice in dimension.values])
    low, high = dimension.bounds
    if dimension.kind is Kind.INT:
        return IntDistribution(int(low), int(high), log=dimension.log, step=int(dimension.step or 1))
    return FloatDistribution(float(low), float(high), log=dimension.log, step=dimension.step)


def open_storage(url: str) -> BaseStorage:
    """Optuna's storage at a URL.

    An sqlite file is written without waiting for the disk: what a power cut would lose of it, the record has.
    """
    from optuna.storages import RDBStorage
    from sqlalchemy import event

    if not url.startswith("sqlite"):
        url = url.replace("postgresql://", "postgresql+psycopg://", 1)
        # A server that was restarted since is noticed before the next query, not by it.
        return RDBStorage(url, engine_kwargs={"pool_pre_ping": True}, heartbeat_interval=None)
    storage = RDBStorage(url, engine_kwargs={"connect_args": {"timeout": _LOCKED_FOR_S}})

    def hurry(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=OFF")

    event.listen(storage.engine, "connect", hurry)
    storage.engine.dispose()  # the next connection is the first with these settings
    return storage


def _optuna_state(state: State) -> Any:
    from optuna.trial import TrialState

    return {
        State.OPEN: TrialState.RUNNING,
        State.COMPLETE: TrialState.COMPLETE,
        State.PRUNED: TrialState.PRUNED,
        State.FAILED: TrialState.FAIL,
    }[state]
