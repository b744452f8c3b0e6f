"""Opens a file as a function of `import sweeps` is asked to, and says in Python's words what is wrong with that."""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, ParamSpec, TypedDict, TypeVar

from sweeps.api.notes import warn
from sweeps.commands import session as sessions
from sweeps.commands.request import Request
from sweeps.commands.shell import quoted
from sweeps.errors import Problem, SelectionError, SpecError, SweepError, did_you_mean
from sweeps.extras import installing, need

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sweeps.commands.session import Session

_P = ParamSpec("_P")
_R = TypeVar("_R")
_NAMES = {
    "except": "excepting",
    "patience": "patience_s",
    "set": "overrides",
    "sweep": "sweeps",
    "system-metrics": "sample_s",
    "with": "beside",
}
"""Options of the command line whose arguments are called otherwise."""
_OPTIONS = frozenset(
    {*_NAMES, "address", "again", "band", "executor", "gpus", "jobs", "metric", "only", "out", "pdf", "plain"}
    | {"profile", "retry-failed", "seeds", "tracking-uri"}
)
_OPTION = re.compile(r"(?<![\w`-])--([a-z][a-z-]*)(?![\w-])")
_COMMAND = re.compile(r"(`[^`]*`)")
_FILE = re.compile(r"^(`sweep [a-z]+ )FILE\b")


class ArgumentError(SelectionError, TypeError):
    """An argument of a function of `import sweeps` cannot be so, whatever the file says."""


class Asked(TypedDict, total=False):
    """What every verb takes beside the file; each as the option of the command line.

    Attributes:
        profile: The profile in place of the one that the file chooses: `--profile`.
        overrides: Keys to set in every trial, each with its value: `--set`.
        sweeps: Only the sweeps of these names: `--sweep`.
        seeds: Repeat each trial with so many seeds: `--seeds`.
        only: Only trials that match, such as `"tfr=0.5"` or `"trial=Cyclical-tfr0.5"`: `--only`.
        excepting: No trials that match: `--except`.
        tracking_uri: The MLflow store; else $MLFLOW_TRACKING_URI, else `sqlite:///mlflow.db`: `--tracking-uri`.
    """

    profile: str | None
    overrides: Mapping[str, object]
    sweeps: str | Sequence[str]
    seeds: int | None
    only: str | Sequence[str]
    excepting: str | Sequence[str]
    tracking_uri: str | None


def in_python(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Have a function say what is wrong in the words of Python, also that an optional part is not installed."""

    @functools.wraps(function)
    def wrapped(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        try:
            with installing(f"sweeps.{function.__name__}"):
                return function(*args, **kwargs)
        except SweepError as error:
            named = args[0] if args else kwargs.get("file")
            _reword(error, named if isinstance(named, str | os.PathLike) else "FILE")
            raise

    return wrapped


def opened(
    verb: str,
    file: str | os.PathLike[str],
    asked: Asked,
    own: Sequence[str] = (),
    options: Sequence[str] = (),
    *,
    needs_program: bool = True,
) -> Session:
    """The file with its trials and its record.

    Args:
        verb: The function that asks.
        file: The experiments.yaml.
        asked: What it is asked for.
        own: The arguments that it takes beside these.
        options: What the command line of the same would have, as words.
        needs_program: Whether the file's program has to be there; one that is gone is warned of otherwise.

    Raises:
        ArgumentError: There is no such argument, or it cannot be so.
        SweepError: The file is wrong, or does not have what is asked for.
    """
    from sweeps.record.store_uri import recorded_uri, tracking_uri

    need(f"sweeps.{verb}", "pandas")
    path = path_of(verb, file)
    names = [*Asked.__annotations__, *own]
    for name in asked:
        if name not in names:
            raise ArgumentError(f"sweeps.{verb}: there is no argument {name}{did_you_mean(name, names)}")
    request = Request(
        path,
        profile=asked.get("profile"),
        overrides=_overrides(asked.get("overrides") or {}),
        sweeps=words("sweeps", asked.get("sweeps")),
        only=words("only", asked.get("only")),
        excepting=words("excepting", asked.get("excepting")),
        seeds=_seeds(asked.get("seeds")),
        options=tuple(options),
    )
    given = asked.get("tracking_uri")
    uri = tracking_uri(given) if needs_program else recorded_uri(given, path)
    session = sessions.open_session(request, uri, needs_program=needs_program)
    warn(f"{trouble}; {sessions.WITHOUT_PROGRAM}" for trouble in session.troubles)
    return session


def path_of(verb: str, file: object) -> Path:
    """The path of a file.

    Raises:
        ArgumentError: It is none.
    """
    if isinstance(file, str | os.PathLike):
        return Path(file)
    what, mend = _kind(file), ""
    if callable(file):
        mend = "; save the function in a module, such as train.py: `sweep init train.py` writes the file"
    elif isinstance(file, Mapping):
        mend = "; save the mapping first: `Path('experiments.yaml').write_text(yaml.safe_dump(spec))`"
    raise ArgumentError(f"sweeps.{verb} takes the path of an experiments.yaml, not {what}{mend}")


def words(name: str, given: object) -> tuple[str, ...]:
    """Texts, of which one may stand alone.

    Raises:
        ArgumentError: They are none.
    """
    if given is None:
        return ()
    if isinstance(given, str):
        return (given,)
    if isinstance(given, Mapping):
        example = next((f"{key}={value}" for key, value in given.items()), "lr=0.1")
        raise ArgumentError(f"{name} is a text or a list of texts, not a mapping: such as {example!r}")
    try:
        found: tuple[object, ...] = tuple(given)  # type: ignore[arg-type]
    except TypeError:
        found = (given,)
    texts = tuple(one for one in found if isinstance(one, str))
    for one in found:
        if not isinstance(one, str):
            raise ArgumentError(f"{name} is a text or a list of texts, not {_kind(one)}")
    return texts


def with_file(text: str, file: str | os.PathLike[str]) -> str:
    """A text whose commands name the file, where they say FILE."""
    parts = _COMMAND.split(text)
    return "".join(
        _FILE.sub(lambda found: found[1] + quoted(os.fspath(file)), part) if place % 2 else part
        for place, part in enumerate(parts)
    )


def _seeds(given: object) -> int | None:
    if given is None:
        return None
    number = getattr(given, "item", lambda: given)()  # numpy's integers
    if not isinstance(number, int) or isinstance(number, bool):
        raise ArgumentError(f"seeds={given!r}: how many is a whole number")
    if number < 1:
        raise SelectionError(f"seeds={given}: each trial runs at least once; say 1 or more")
    return number


def _overrides(given: object) -> tuple[str, ...]:
    from sweeps.spec.yaml_writer import scalar

    if not isinstance(given, Mapping):
        raise ArgumentError(f"overrides is a mapping of keys to values, not {_kind(given)}")
    plain = _flat("", {str(key): _plain(str(key), value) for key, value in given.items()})
    return tuple(f"{key}={scalar(value)}" for key, value in plain)


def _flat(above: str, given: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The values of mappings in mappings by their dotted keys."""
    for key, value in given.items():
        if isinstance(value, Mapping):
            yield from _flat(f"{above}{key}.", value)
        else:
            yield f"{above}{key}", value


def _plain(key: str, value: Any) -> Any:
    """A value as the file would have it; numpy's and paths as the plain values that they stand for."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, PurePath):
        return str(value)
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {str(name): _plain(f"{key}.{name}", one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(key, one) for one in value]
    raise ArgumentError(
        f"overrides: {key} is {_kind(value)}; a setting is a number, a text, true or false, None, or a list or mapping of these"
    )


def _kind(value: object) -> str:
    if callable(value):
        name = getattr(value, "__name__", type(value).__name__)
        return f"the {'class' if isinstance(value, type) else 'function'} {name.strip('<>')}"
    if isinstance(value, Mapping):
        return "a mapping"
    return f"{type(value).__name__} {value!r}"


def _reword(error: SweepError, file: str | os.PathLike[str]) -> None:
    """Have an error name arguments where it names options of the command line; commands to paste stay as they are."""
    if isinstance(error, SpecError):  # of what a file says, whose programs have options of their own
        error.problems = [Problem(one.place, one.message) for one in error.problems]
        text = "\n".join(
            _argument(line, first=True) if line.startswith("--") else line for line in str(error).split("\n")
        )
    else:
        parts = _COMMAND.split(with_file(str(error), file))
        text = "".join(part if place % 2 else _argument(part) for place, part in enumerate(parts))
    error.args = (text,)


def _argument(text: str, *, first: bool = False) -> str:
    return _OPTION.sub(
        lambda found: _NAMES.get(found[1], found[1].replace("-", "_")) if found[1] in _OPTIONS else found[0],
        text,
        count=1 if first else 0,
    )
