"""The address of a W&B run, in the words that wandb 0.31 prints online: taken from a run against a server of this shape."""

import pytest

from sweeps.program import wandb_address
from sweeps.program.wandb_address import WandbAddress

URL = "http://127.0.0.1:43129/lab/demo/runs/f0f2d663684a46298853806a9a2d882d"
ONLINE = f"""wandb: [wandb.login()] Loaded credentials for http://127.0.0.1:43129 from WANDB_API_KEY.
wandb: Tracking run with wandb version 0.31.0
wandb: Run data is saved locally in w/wandb/run-20261128_034612-f0f2d663684a46298853806a9a2d882d
wandb: Run `wandb offline` to turn off syncing.
wandb: Syncing run bright-fox-1
wandb: ⭐️ View project at http://127.0.0.1:43129/lab/demo
wandb: 🚀 View run at {URL}
"""
FOOTER = (
    f"wandb: 🚀 View run bright-fox-1 at: {URL}\nwandb: ⭐️ View project at: http://127.0.0.1:43129/lab/demo\n"
)
OFFLINE = "wandb: Tracking run with wandb version 0.31.0\nwandb: W&B syncing is set to `offline` in this directory.\n"


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    monkeypatch.setattr(wandb_address, "LOOK_S", 0.0)


@pytest.fixture
def log(tmp_path):
    return tmp_path / "attempt-1.log"


def test_it_is_told_once_when_its_line_is_whole(log):
    address = WandbAddress(log)
    assert address.look() is None
    at = ONLINE.encode().index(b"f0f2d663", 400)
    log.write_bytes(ONLINE.encode()[:at])
    assert address.look() is None
    log.write_bytes(ONLINE.encode())
    assert [address.look(), address.look()] == [URL, None]
    log.write_text(ONLINE + FOOTER)
    assert [address.look(), address.look(has_ended=True)] == [None, None]


@pytest.mark.parametrize(
    "text", [FOOTER, FOOTER.strip(), f"\x1b[34m\x1b[1mwandb\x1b[0m: View run at \x1b[4m{URL}\x1b[0m"]
)
def test_at_the_end_it_is_told_of_the_end(log, text):
    log.write_text("x" * 3_000_000 + "\n" + text)
    assert WandbAddress(log).look(has_ended=True) == URL


def test_at_the_end_a_line_that_is_not_whole_counts_after_all(log):
    log.write_text("a line\n" + FOOTER.partition("\n")[0])
    address = WandbAddress(log)
    assert [address.look(), address.look(has_ended=True)] == [None, URL]


@pytest.mark.parametrize(
    "text", ["", OFFLINE, f"View run at {URL}\n", "wandb: View project at https://wandb.ai/a/b\n"]
)
def test_without_one_there_is_none(log, text):
    log.write_text(text)
    address = WandbAddress(log)
    assert address.look() is None
    assert address.look(has_ended=True) is None


def test_a_long_log_is_read_once_and_not_to_its_end(log):
    log.write_text("a line\n" * 500_000)
    address = WandbAddress(log)
    assert address.look() is None
    assert wandb_address.MOST_BYTES <= address._position < 2 * wandb_address.MOST_BYTES
