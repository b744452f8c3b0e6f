"""Every display shows every event."""

import inspect

import pytest

from sweeps.cli.live.table import LiveTable
from sweeps.cli.progress import PlainLines
from sweeps.scheduler.events import Listener

EVENTS = [name for name, _ in inspect.getmembers(Listener, inspect.isfunction) if not name.startswith("_")]


@pytest.mark.parametrize("display", [PlainLines, LiveTable])
def test_each_display_shows_every_event(display):
    assert [name for name in EVENTS if not hasattr(display, name)] == []
