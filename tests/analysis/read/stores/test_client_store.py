"""A tracking server and a folder as stores, both read through MLflow's client: the contract, and what is theirs alone."""

import socket

import pytest
from mlflow.store.entities.paged_list import PagedList
from mlflow.store.tracking.file_store import FileStore

import analysis
from analysis.read.errors import IncompleteReadError, UnknownExperimentError, UnreachableStoreError
from analysis.read.stores import client_store
from tests.analysis.recorded import EXPERIMENT
from tests.analysis.store_contract import StoreContract, insert_into, runs_of, write


class TestHttpStore(StoreContract):
    @pytest.fixture(autouse=True)
    def cache(self, tmp_path, monkeypatch):
        monkeypatch.setenv("SWEEP_CACHE_DIR", str(tmp_path))
        return tmp_path / "histories"

    @pytest.fixture
    def written(self, server):
        return server[1]

    @pytest.fixture(autouse=True)
    def database(self, server):
        self.path = server[0]

    def insert(self, _client, run_id, key, count):
        insert_into(self.path, run_id, key, count)

    def test_an_address_that_is_not_mlflow_is_an_error(self, written):
        uri, _, _ = written
        with pytest.raises(UnreachableStoreError):
            runs_of(f"{uri}/elsewhere", EXPERIMENT)


class TestFolderStore(StoreContract):
    @pytest.fixture
    def written(self, tmp_path, monkeypatch):
        monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
        return write(str(tmp_path / "mlruns"))

    def test_a_folder_that_is_not_there_yet_is_unknown_and_not_made(self, tmp_path):
        with pytest.raises(UnknownExperimentError, match="no such folder yet"):
            runs_of(f"file://{tmp_path}/mlruns", EXPERIMENT)
        assert not (tmp_path / "mlruns").exists()

    def test_a_history_cut_short_is_an_error(self, written, monkeypatch):
        uri, _, _ = written
        history = FileStore.get_metric_history
        monkeypatch.setattr(
            FileStore, "get_metric_history", lambda *args, **_page: PagedList(history(*args)[:2], None)
        )
        with pytest.raises(IncompleteReadError, match="2 points that end before"):
            analysis.load_curves(uri, EXPERIMENT, ["train/loss"])

    def test_many_pages_of_runs_are_read(self, written, monkeypatch):
        uri, _, _ = written
        monkeypatch.setattr(client_store, "PAGE_RUNS", 1)
        assert len(runs_of(uri, EXPERIMENT)) == 4


def test_a_server_that_is_away_is_an_error_without_its_password():
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        with pytest.raises(UnreachableStoreError, match="does not answer") as caught:
            runs_of(f"http://user:secret@127.0.0.1:{port}", EXPERIMENT)
    assert "secret" not in str(caught.value)
    assert f"***@127.0.0.1:{port}" in str(caught.value)
