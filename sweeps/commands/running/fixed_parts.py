"""What of a file a `sweep run` cannot take up while it goes on, and what it leaves to the next one. Pure."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

from sweeps.errors import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sweeps.spec.model import Spec, SweepSpec


def fixed_changes(before: Spec, after: Spec, profile: str | None) -> Iterator[str]:
    """What has changed of the file that all its trials share and that stays as it is until the end: the names of its keys.

    Args:
        before: The file that is in force.
        after: The file that was saved.
        profile: The profile that the command line names, or None.
    """
    if before.experiment != after.experiment:
        yield "experiment"
    if plain(before.trainer) != plain(after.trainer):
        yield "trainer"
    if profile is None and before.profile != after.profile:
        yield "profile"


def changed_searches(before: Spec, after: Spec, profile: str | None) -> Iterator[str]:
    """The names of the searches that the file has changed, by themselves or by a layer below them, added, or removed."""
    told = [_searches(spec, profile or spec.profile) for spec in (before, after)]
    for name in {**told[0], **told[1]}:
        if told[0].get(name) != told[1].get(name):
            yield name


def _searches(spec: Spec, profile: str | None) -> dict[str, Any]:
    laid = spec.profiles.get(profile or "")
    shared = (spec.defaults, laid.settings if laid else None, laid.seeds if laid else None)
    searches: list[SweepSpec] = [sweep for sweep in spec.sweeps if sweep.search is not None]
    return {
        sweep.name: plain((shared, laid.sweeps.get(sweep.name) if laid else None, sweep))
        for sweep in searches
    }


def plain(value: Any) -> Any:
    """A value of the file without the places where it stands, to be compared."""
    if isinstance(value, Place):
        return None
    if is_dataclass(value) and not isinstance(value, type):
        return type(value).__name__, [plain(getattr(value, field.name)) for field in fields(value)]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value
