"""Every display shows every event."""

import inspect

import pytest

from sweeps.cli.live.table import LiveTable
from sweeps.cli.progress import PlainLines
from sweeps.scheduler.events import Listener, Relay

EVENTS = [name for name, _ in inspect.getmembers(Listener, inspect.isfunction) if not name.startswith("_")]


@pytest.mark.parametrize("display", [PlainLines, LiveTable])
def test_each_display_shows_every_event(display):
    assert [name for name in EVENTS if not hasattr(display, name)] == []


class Heard:
    """Remembers each event with what came with it."""

    def __init__(self):
        self.events = []

    def __getattr__(self, name):
        return lambda *given: self.events.append((name, *given))


def test_a_relay_passes_every_event_on():
    heard = Heard()
    relay = Relay(heard)
    for name in EVENTS:
        of = list(inspect.signature(getattr(Listener, name)).parameters)[1:]
        getattr(relay, name)(*of)
        assert heard.events.pop() == (name, *of)
    assert heard.events == []
