"""Defaults of a script that changed after a file took them over: trials keep the old ones, as what stands in the file counts."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Any

from sweeps.authoring.checks.new_options import lines_of, schema_beside, schema_file
from sweeps.authoring.option import Formula
from sweeps.errors import Problem
from sweeps.spec.settings import same
from sweeps.spec.yaml_writer import DOUBLE, scalar

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sweeps.authoring.script import ScriptReader
    from sweeps.authoring.settings import Setting
    from sweeps.spec.model import Spec, SweepSpec
    from sweeps.trainer.loader import Trainer

_MOST = 3
"""No more are shown."""


def changed_defaults(trainer: Trainer, spec: Spec, scripts: ScriptReader) -> Iterator[Problem]:
    """What to say of values of `defaults` that were the script's, which has others now: one note at most, with its place.

    The schema beside the file tells which they were. A value that is neither the old nor the new one is somebody's choice.
    """
    known = _defaults_in(schema_beside(spec)) if spec.defaults else {}
    script, lines = lines_of(trainer, scripts) if known else ("", [])
    changed = [line for line in lines if _is_changed(line, spec, known) and _is_used(line.key, spec)]
    if not changed:
        return
    shown = [
        f"{line.key} {scalar(line.value, DOUBLE)} (was {scalar(known[line.option.key], DOUBLE)})"
        for line in changed[:_MOST]
    ]
    more = f" and {len(changed) - _MOST} more" if len(changed) > _MOST else ""
    told = f"{script} now has other defaults: {', '.join(shown)}{more}; trials keep what stands here"
    again = f"sweep schema {shlex.quote(spec.path)} --out {shlex.quote(str(schema_file(spec)))}"
    remedy = f"Delete a line to have the script's value: that makes new trials. `{again}` takes the note away"
    yield Problem(min(spec.defaults[line.key].place for line in changed), f"{told}. {remedy}")


def _is_changed(line: Setting, spec: Spec, known: Mapping[str, Any]) -> bool:
    setting, default = spec.defaults.get(line.key), line.option.default
    if setting is None or line.option.key not in known or isinstance(default, Formula):
        return False
    before = known[line.option.key]
    return same(setting.value, before) and not same(default, before)


def _is_used(key: str, spec: Spec) -> bool:
    """Whether a sweep leaves a key to `defaults`."""
    return any(key not in _own_keys(sweep) for sweep in spec.sweeps)


def _own_keys(sweep: SweepSpec) -> set[str]:
    searched = [one.key for one in sweep.search.dimensions] if sweep.search is not None else []
    return {*(axis.key for axis in (*sweep.grid, *sweep.zipped)), *searched, *sweep.settings}


def _defaults_in(schema: str) -> dict[str, Any]:
    """The defaults that a schema has, by the options' keys."""
    try:
        settings = json.loads(schema)["definitions"]["settings"]["properties"]
        return {key: shape["default"] for key, shape in settings.items() if "default" in shape}
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return {}
