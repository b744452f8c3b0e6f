"""A tracking server as a store: the contract, and the histories that are kept of it."""

import os
import socket
import subprocess
import sys

import pytest
from mlflow.entities import Metric
from mlflow.store.tracking.rest_store import RestStore

import analysis
from analysis.read import history_cache
from analysis.read.errors import UnreachableStoreError
from analysis.read.record import read_runs
from tests.analysis.recorded import (
    EXPERIMENT,
    START_MS,
)
from tests.analysis.store_contract import StoreContract, insert_into, write
from tests.servers import free_port, wait_until_healthy


@pytest.fixture(scope="module")
def server(empty_database, tmp_path_factory):
    folder = tmp_path_factory.mktemp("server")
    database = folder / "mlflow.db"
    database.write_bytes(empty_database.read_bytes())
    port = free_port()
    command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--backend-store-uri", f"sqlite:///{database}", "--workers", "1"]
    command += ["--default-artifact-root", str(folder / "artifacts")]
    environment = os.environ | {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    with (folder / "log.txt").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=log, stderr=log, start_new_session=True
        )
        try:
            wait_until_healthy(f"http://127.0.0.1:{port}", process, folder / "log.txt")
            yield database, write(f"http://127.0.0.1:{port}")
        finally:
            os.killpg(process.pid, 9)
            process.wait()


class TestHttpStore(StoreContract):
    @pytest.fixture(autouse=True)
    def cache(self, tmp_path, monkeypatch):
        monkeypatch.setenv("SWEEP_CACHE_DIR", str(tmp_path))
        return tmp_path / "histories"

    @pytest.fixture
    def asked(self, monkeypatch):
        """How many points the server gave in each answer."""
        counts = []
        history = RestStore.get_metric_history

        def counted(*args, **page):
            answer = history(*args, **page)
            counts.append(len(answer))
            return answer

        monkeypatch.setattr(RestStore, "get_metric_history", counted)
        return counts

    @pytest.fixture
    def written(self, server):
        return server[1]

    @pytest.fixture(autouse=True)
    def database(self, server):
        self.path = server[0]

    def insert(self, _client, run_id, key, count):
        insert_into(self.path, run_id, key, count)

    def read(self, written, key):
        return analysis.load_curves(written[0], EXPERIMENT, [key])

    def test_a_long_history_is_read_again_from_its_last_point_on(self, written, server, asked):
        run_id = written[2]["Cyclical-tfr0.0"]
        insert_into(server[0], run_id, "long", 3000)
        assert len(self.read(written, "long")) == 3000
        insert_into(server[0], run_id, "long", 3005)
        again = self.read(written, "long")
        assert again["step"].tolist() == list(range(3005))
        assert again["value"].tolist() == [step / 2 for step in range(3005)]
        assert asked == [3000, 6]

    def test_a_point_that_came_late_has_all_read_again(self, written, server, asked):
        run_id = written[2]["Cyclical-tfr0.0"]
        insert_into(server[0], run_id, "late", 2000)
        self.read(written, "late")
        written[1].log_batch(run_id, [Metric("late", -1.0, START_MS - 5, 7000), Metric("late", 9.0, 0, 8000)])
        again = self.read(written, "late")
        assert again["step"].tolist() == [*range(2000), 7000, 8000]
        assert asked[0] == 2000
        assert asked[-1] == 2002

    def test_a_new_value_of_an_old_step_of_an_ended_run_is_seen(self, written, server):
        run_id = written[2]["Cyclical-tfr1.0"]
        insert_into(server[0], run_id, "ended", 1500)
        self.read(written, "ended")
        written[1].log_batch(run_id, [Metric("ended", -1.0, START_MS + 9000, 3)])
        assert self.read(written, "ended")["value"].iloc[3] == -1.0

    @pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 not a file of ours", None])
    def test_a_damaged_file_is_read_over_and_written_again(self, written, server, cache, asked, damage):
        insert_into(server[0], written[2]["Cyclical-tfr0.0"], "damaged", 1200)
        whole = self.read(written, "damaged")
        (path,) = cache.iterdir()
        good = path.read_bytes()
        path.write_bytes(
            good[: len(good) // 2] + b"x" + good[len(good) // 2 + 1 :] if damage is None else damage
        )
        assert self.read(written, "damaged").equals(whole)
        assert self.read(written, "damaged").equals(whole)
        assert asked == [1200, 1200, 1]

    def test_the_history_of_another_run_is_not_taken(self, written, server, cache):
        for name in ("Cyclical-tfr0.0", "Cyclical-tfr1.0"):
            insert_into(server[0], written[2][name], "swapped", 1100)
        whole = self.read(written, "swapped")
        one, other = cache.iterdir()
        other.write_bytes(one.read_bytes())
        assert self.read(written, "swapped").equals(whole)

    def test_short_histories_are_not_kept_and_a_folder_that_cannot_be_written_is_no_error(
        self, written, server, cache, monkeypatch
    ):
        assert not self.read(written, "beta").empty
        assert not cache.exists()
        insert_into(server[0], written[2]["Cyclical-tfr0.0"], "unkept", 1100)
        monkeypatch.setenv("SWEEP_CACHE_DIR", os.devnull)
        assert len(self.read(written, "unkept")) == 1100

    def test_the_files_that_were_not_used_for_longest_make_room(self, written, server, cache, monkeypatch):
        for number, name in enumerate(("Cyclical-tfr0.0", "Cyclical-tfr1.0")):
            insert_into(server[0], written[2][name], f"room{number}", 1100)
            self.read(written, f"room{number}")
            for path in cache.iterdir():
                os.utime(path, (number, number))
        sizes = [path.stat().st_size for path in cache.iterdir()]
        assert len(sizes) == 2
        monkeypatch.setattr(history_cache, "MOST_BYTES", max(sizes))
        self.read(written, "room1")
        assert len(list(cache.iterdir())) == 1

    def test_an_address_that_is_not_mlflow_is_an_error(self, written):
        uri, _, _ = written
        with pytest.raises(UnreachableStoreError):
            read_runs(f"{uri}/elsewhere", EXPERIMENT)


def test_a_server_that_is_away_is_an_error_without_its_password():
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        with pytest.raises(UnreachableStoreError, match="does not answer") as caught:
            read_runs(f"http://user:secret@127.0.0.1:{port}", EXPERIMENT)
    assert "secret" not in str(caught.value)
    assert f"***@127.0.0.1:{port}" in str(caught.value)
