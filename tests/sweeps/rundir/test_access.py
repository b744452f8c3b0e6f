import os

import pytest

from sweeps.errors import StateError
from sweeps.rundir.access import refuse_shared
from sweeps.rundir.paths import StateDir


@pytest.fixture
def state(tmp_path):
    """A state directory as `sweep run` makes it."""
    state = StateDir(tmp_path / ".sweep")
    for folder in ("runs", "snapshots"):
        (state.root / folder).mkdir(parents=True)
    return state


def test_a_directory_of_ones_own_is_fine_and_so_is_none(state, tmp_path):
    refuse_shared(state)
    refuse_shared(StateDir(tmp_path / "none"))


@pytest.mark.parametrize("folder", [".", "runs", "snapshots"])
def test_one_that_every_user_may_write_is_refused_with_what_to_do(state, folder):
    (state.root / folder).chmod(0o777)
    with pytest.raises(
        StateError, match=r"every user of this machine may write there.*chmod -R o-w.*SWEEP_HOME"
    ):
        refuse_shared(state)


def test_one_that_somebody_else_made_in_a_folder_for_all_is_refused(state, tmp_path, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    refuse_shared(state)  # a project that a group shares
    tmp_path.chmod(0o1777)
    with pytest.raises(StateError):
        refuse_shared(state)
