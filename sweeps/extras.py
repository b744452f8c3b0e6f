"""What an installation may lack, and the line that installs it: the optional parts of pyproject.toml, by what they bring."""

from __future__ import annotations

import contextlib
import importlib.util
from typing import TYPE_CHECKING

from sweeps.errors import SweepError

if TYPE_CHECKING:
    from collections.abc import Iterator

EXTRAS = {
    "report": ("jinja2", "matplotlib", "mpl_toolkits", "pandas", "plotly", "scipy"),
    "search": ("cmaes", "optuna", "sklearn"),
    "ui": ("flask", "uvicorn"),
    "cvae": ("torch", "PIL"),
    "ray": ("ray",),
    "slurm": ("submitit",),
    "postgres": ("psycopg",),
}
"""The modules that each optional part brings."""
_EXTRA_OF = {module: extra for extra, modules in EXTRAS.items() for module in modules}


class MissingExtraError(SweepError):
    """An optional part is not installed; the message has the line that installs it."""


@contextlib.contextmanager
def installing(what: str) -> Iterator[None]:
    """Have an import that fails for want of an optional part say how to get it; any other error is left as it is.

    Args:
        what: What cannot be done without, such as `sweep report`.

    Raises:
        MissingExtraError: A module of an optional part is missing.
    """
    try:
        yield
    except ImportError as error:
        module = _missing(error)
        if module not in _EXTRA_OF:
            raise
        raise MissingExtraError(_message(what, module)) from error


def need(what: str, module: str) -> None:
    """Make sure that a module of an optional part is there, for a process that is to import it later.

    Raises:
        MissingExtraError: It is not.
    """
    if importlib.util.find_spec(module) is None:
        raise MissingExtraError(_message(what, module))


def _missing(error: BaseException) -> str:
    """The module that was not found: libraries with optional parts of their own raise a further error of it."""
    found: BaseException | None = error
    while found is not None and not isinstance(found, ModuleNotFoundError):
        found = found.__cause__
    return (found.name or "").partition(".")[0] if found is not None else ""


def _message(what: str, module: str) -> str:
    return (
        f"{what} needs {module}, which is not installed: pip install 'sweep-experiments[{_EXTRA_OF[module]}]'"
    )
