"""A search's Optuna study: held in memory, and stored where optuna-dashboard can open it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sweeps.planning.search_trials import as_config
from sweeps.record.outage import PATIENCE_S
from sweeps.search.reconcile import RecordedTrial, State, StudyTrial
from sweeps.search.samplers import make_pruner, make_sampler, quiet
from sweeps.search.storage import StoredStudy
from sweeps.spec.search_space import Dimension, ValueType, to_optuna

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import optuna
    from optuna.distributions import BaseDistribution

    from sweeps.planning.search_trials import Params, SearchTrials
    from sweeps.search.storage import Direction
    from sweeps.spec.yaml_reader import Value


_OPTUNAS = {
    State.OPEN: "RUNNING",
    State.COMPLETE: "COMPLETE",
    State.PRUNED: "PRUNED",
    State.FAILED: "FAIL",
}
"""What Optuna calls the states."""


class Study:
    """One search's study."""

    def __init__(self, search: SearchTrials, name: str, stored: StoredStudy) -> None:
        self.name = name
        self._search = search
        self._stored = stored
        self._prunes = search.spec.pruner.name != "none"
        self._distributions = {d.key: distribution(d) for d in search.spec.dimensions}
        self._pruner = make_pruner(search.spec, search.epochs)

    @classmethod
    def open(cls, search: SearchTrials, experiment: str, url: str) -> Study:
        """Open the study of a search, or make it where there is none yet.

        Raises:
            StudyError: The storage cannot be opened.
        """
        name = f"{experiment}/{search.sweep}/{search.digest}"
        objectives = search.spec.objectives
        directions: list[Direction] = ["maximize" if one.maximize else "minimize" for one in objectives]
        metrics = [objective.metric for objective in objectives]
        study = cls(search, name, StoredStudy.open(url, name, directions, metrics))
        study._load()
        return study

    def trials(self) -> list[StudyTrial]:
        """Every trial that was suggested, as the study has it."""
        from optuna.trial import TrialState

        states = {_optuna_state(state): state for state in State}
        trials = []
        for trial in self._study.get_trials(deepcopy=False):
            if trial.state in states:
                params = self._params(trial.params)
                made = self._search.trial(params, "") if params is not None else None
                values = tuple(trial.values) if trial.state is TrialState.COMPLETE else None
                identity = made.fingerprint if made else None
                trials.append(StudyTrial(trial.number, states[trial.state], params or {}, values, identity))
        return trials

    def ask(self, point: Params | None = None) -> tuple[int, Params]:
        """The next suggestion, or the given point; returns its number and what each drawn key gets."""
        with quiet():
            if point is not None:
                self._study.enqueue_trial({key: to_optuna(value) for key, value in point.items()})
            number = len(self._study.get_trials(deepcopy=False))
            self._study.sampler = make_sampler(self._search.spec, number)
            trial = self._study.ask()
            params = self._search.active(lambda dimension: self._suggest(trial, dimension))
        self._stored.changed(trial.number)
        return trial.number, self._search.spelled(params)

    def is_exhausted(self) -> bool:
        """Whether a grid sampler has suggested everything."""
        if self._search.spec.sampler.name != "grid":
            return False
        from optuna.samplers import GridSampler

        sampler = make_sampler(self._search.spec, 0)
        assert isinstance(sampler, GridSampler)  # noqa: S101 - by its name
        return sampler.is_exhausted(self._study)

    def link(self, number: int, **attributes: str) -> None:
        """Note on an open trial which run it has."""
        for key, value in attributes.items():
            self._memory.set_trial_user_attr(self._trial_id(number), key, value)
        self._stored.changed(number)

    def report(self, number: int, epoch: int, value: float) -> None:
        """Report an open trial's value after an epoch; Optuna keeps none of them for several objectives."""
        if len(self._search.spec.objectives) == 1:
            self._memory.set_trial_intermediate_value(self._trial_id(number), epoch, value)
            self._stored.changed(number)

    def should_prune(self, number: int) -> bool:
        """Whether the pruner would stop an open trial now."""
        if not self._prunes:
            return False
        with quiet():
            is_pruned = bool(self._pruner.prune(self._study, self._memory.get_trial(self._trial_id(number))))
        self._stored.changed(number)  # it notes on the trial how far it came
        return is_pruned

    def tell(self, number: int, state: State, values: Sequence[float] | None) -> None:
        """End an open trial."""
        from optuna.samplers import RandomSampler

        with quiet():
            self._study.sampler = (
                RandomSampler()
            )  # a grid's would want to stop a loop that is not Optuna's here
            scores = list(values or ()) if state is State.COMPLETE else None
            self._study.tell(number, scores, state=_optuna_state(state))
        self._stored.changed(number)

    def add(self, recorded: RecordedTrial) -> int:
        """Add a trial that the record has, and return its number."""
        from optuna.trial import create_trial

        one = len(self._search.spec.objectives) == 1
        number = len(self._study.get_trials(deepcopy=False))
        with quiet():
            self._study.add_trial(
                create_trial(
                    state=_optuna_state(recorded.state),
                    values=list(recorded.values or ()) if recorded.state is State.COMPLETE else None,
                    params={key: to_optuna(value) for key, value in recorded.params.items()},
                    distributions={key: self._distributions[key] for key in recorded.params},
                    intermediate_values=dict(recorded.curve) if one else None,
                    user_attrs=links(recorded),
                )
            )
        self._stored.changed(number)
        return number

    def clear(self) -> None:
        """Begin anew.

        Raises:
            StudyError: The storage cannot be reached.
        """
        self._stored.clear()
        self._load()

    def give_way(self, *, yes: bool) -> None:
        """Pause storing while a slot waits for its next trial."""
        self._stored.give_way(yes=yes)

    @property
    def trouble(self) -> str:
        """Why what is stored is not up to date, or empty."""
        return self._stored.trouble

    def flush(self, patience_s: float = PATIENCE_S) -> bool:
        """Whether everything is stored, waiting up to `patience_s` seconds for it."""
        return self._stored.flush(patience_s)

    def close(self) -> None:
        """Store no more."""
        self._stored.close()

    def _load(self) -> None:
        self._study, self._memory = self._stored.in_memory(self._pruner)
        self._study_id = self._memory.get_study_id_from_name(self.name)

    def _suggest(self, trial: optuna.Trial, dimension: Dimension) -> Value:
        made: Any = self._distributions[dimension.key]
        if dimension.value_type is ValueType.CHOICE:
            return as_config(dimension, trial.suggest_categorical(dimension.key, made.choices))
        suggest: Any = trial.suggest_int if dimension.value_type is ValueType.INT else trial.suggest_float
        return as_config(dimension, suggest(dimension.key, made.low, made.high, step=made.step, log=made.log))

    def _params(self, drawn: Mapping[str, Any]) -> Params | None:
        """A suggestion as the config takes it; None where the file's space no longer has it."""
        if not drawn.keys() <= self._search.dimensions.keys():
            return None
        try:
            return self._search.spelled({key: self._as_recorded(key, value) for key, value in drawn.items()})
        except (StopIteration, TypeError, ValueError):
            return None

    def _as_recorded(self, key: str, value: Any) -> Value:
        """A value of the study as it stands there, not at its step: an older record may have it so."""
        dimension = self._search.dimensions[key]
        return float(value) if dimension.value_type is ValueType.FLOAT else as_config(dimension, value)

    def _trial_id(self, number: int) -> int:
        return self._memory.get_trial_id_from_study_id_trial_number(self._study_id, number)


def links(recorded: RecordedTrial) -> dict[str, str]:
    """The attributes that link a trial of the study with its run."""
    named = {"run_id": recorded.run_id or "", "name": recorded.name, "fingerprint": recorded.fingerprint}
    return {key: value for key, value in named.items() if value}


def distribution(dimension: Dimension) -> BaseDistribution:
    """A dimension as an Optuna distribution."""
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    if dimension.value_type is ValueType.CHOICE:
        return CategoricalDistribution([to_optuna(choice.value) for choice in dimension.values])
    low, high = dimension.bounds
    if dimension.value_type is ValueType.INT:
        return IntDistribution(int(low), int(high), log=dimension.log, step=int(dimension.step or 1))
    return FloatDistribution(float(low), float(high), log=dimension.log, step=dimension.step)


def _optuna_state(state: State) -> Any:
    from optuna.trial import TrialState

    return TrialState[_OPTUNAS[state]]
