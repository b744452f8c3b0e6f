import base64
import http.server
import os
import sqlite3
import stat
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from sweeps.commands.doctor import probes
from sweeps.commands.doctor.judging import State
from sweeps.commands.doctor.probes import Place
from tests.sweeps.repositories import commit

OK, NOTE, WRONG = State.OK, State.NOTE, State.WRONG


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SWEEP_HOME", raising=False)
    return tmp_path


def place(uri="sqlite:///mlflow.db", python=sys.executable):
    return Place(uri, python, Path.cwd())


def states(found):
    return [finding.state for finding in found]


@pytest.mark.parametrize("part", ["python", "parts", "mlflow", "gpu", "disk", "folder", "clock", "limits"])
def test_a_part_of_this_machine_is_told_and_nothing_is_left(part, here):
    found = list(probes.PROBES[part](place()))
    assert found
    assert all(finding.found and (finding.state is OK or finding.remedy) for finding in found)
    assert list(here.iterdir()) == []


def test_a_folder_without_a_repository_and_one_with_a_commit(here):
    assert states(probes.git(place())) == [NOTE]
    (here / "file").touch()
    commit(here, "init", "--quiet")
    assert states(probes.git(place())) == [OK]


def test_of_a_repository_without_a_commit_is_told_what_runs_record_of_their_code(here):
    subprocess.run(["git", "init", "--quiet"], check=True)  # noqa: S607 - the PATH's git
    (found,) = probes.git(place())
    assert found.state is NOTE
    assert found.found.startswith("the repository has no commit yet: of their code runs record a digest")
    assert "fatal" not in found.found
    assert "commit the code before `sweep run`" in found.remedy


def test_no_git_is_told(here, monkeypatch):
    monkeypatch.setenv("PATH", str(here))
    assert "not installed" in next(probes.git(place())).found


def made(connection, *kinds):
    """The tables of MLflow's that are read, with a run of each kind."""
    connection.execute("create table runs (run_uuid text)")
    connection.execute("create table tags (run_uuid text, key text, value text)")
    for kind in kinds:
        connection.execute("insert into runs values (?)", (kind,))
        connection.execute("insert into tags values (?, 'sweeps.kind', ?)", (kind, kind))
    connection.commit()


def test_the_runs_of_sweeps_are_told_from_those_of_trials(here):
    with closing(sqlite3.connect("mlflow.db")) as connection:
        made(connection, "trial", "trial", "sweep")
    assert next(probes.store(place())).found.endswith(": 3 runs: 2 of trials, 1 of sweeps")


def test_a_store_that_is_not_there_yet_one_with_runs_and_one_that_is_no_database(here):
    assert "makes it" in next(probes.store(place())).found
    with closing(sqlite3.connect("mlflow.db")) as connection:
        made(connection)
    assert next(probes.store(place())).found.endswith("0 runs")
    Path("mlflow.db").write_text("no database at all, however long it may be " * 100)
    assert states(probes.store(place())) == [WRONG]
    assert states(probes.store(place("sqlite:///none/mlflow.db"))) == [WRONG]


def test_tables_that_a_newer_mlflow_has_made_are_told(here, empty_database):
    Path("mlflow.db").write_bytes(empty_database.read_bytes())
    assert states(probes.store(place())) == [OK]
    with closing(sqlite3.connect("mlflow.db")) as connection:
        connection.execute("update alembic_version set version_num = '0123456789ab'")
        connection.commit()
    (found,) = probes.store(place())
    assert (found.state, "does not know its tables" in found.found) == (WRONG, True)
    assert "pip install --upgrade mlflow" in found.remedy


@pytest.mark.parametrize("name", ["run#1", "50%41", "a b"])
def test_a_database_in_a_folder_of_any_name_is_read_and_nothing_is_left(here, name):
    (here / name).mkdir()
    with closing(sqlite3.connect(f"{name}/mlflow.db")) as connection:
        made(connection)
    (found,) = probes.store(place(f"sqlite:///{here / name}/mlflow.db"))
    assert (found.state, found.found.endswith("0 runs")) == (OK, True)
    assert list(here.iterdir()) == [here / name]


class _Late(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response_only(200 if self.path == "/version" else 404)
        self.send_header("Date", "Thu, 01 Jan 2015 00:00:00 GMT")
        self.end_headers()
        self.wfile.write(b"3.9.0")

    def log_message(self, *_):
        pass


def test_a_server_tells_its_version_and_its_clock_is_compared():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Late) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        found = list(probes.store(place(f"http://127.0.0.1:{server.server_port}")))
        server.shutdown()
    assert states(found) == [OK, WRONG]
    assert "MLflow 3.9.0" in found[0].found
    assert "NTP" in found[1].remedy


class _Asking(_Late):
    def do_GET(self):
        words = base64.b64encode(b"ann:a/b").decode()
        if self.headers.get("Authorization") in (f"Basic {words}", "Bearer t0ken"):
            return super().do_GET()
        return self.send_error(401)


@pytest.mark.parametrize(
    ("who", "variables", "state"),
    [
        ("", {}, WRONG),
        ("", {"USERNAME": "ann", "PASSWORD": "a/b"}, OK),
        ("", {"USERNAME": "ann", "PASSWORD": "wrong"}, WRONG),
        ("", {"TOKEN": "t0ken"}, OK),
        ("ann:a%2Fb@", {}, OK),
    ],
)
def test_a_server_with_passwords_is_asked_as_mlflow_asks_it(who, variables, state, monkeypatch):
    for name in ("USERNAME", "PASSWORD", "TOKEN"):
        monkeypatch.delenv(f"MLFLOW_TRACKING_{name}", raising=False)
    for name, text in variables.items():
        monkeypatch.setenv(f"MLFLOW_TRACKING_{name}", text)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Asking) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        found = next(iter(probes.store(place(f"http://{who}127.0.0.1:{server.server_port}"))))
        server.shutdown()
    assert found.state is state
    assert "a/b" not in found.found
    assert "a%2Fb" not in found.found


def test_a_server_is_asked_with_the_password_of_mlflows_own_file(tmp_path, monkeypatch):
    for name in ("USERNAME", "PASSWORD", "TOKEN"):
        monkeypatch.delenv(f"MLFLOW_TRACKING_{name}", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".mlflow").mkdir()
    text = "[mlflow]\nmlflow_tracking_username = ann\nmlflow_tracking_password = a/b\n"
    (tmp_path / ".mlflow" / "credentials").write_text(text)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Asking) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        found = next(iter(probes.store(place(f"http://127.0.0.1:{server.server_port}"))))
        server.shutdown()
    assert (found.state, found.found.endswith("MLflow 3.9.0")) == (OK, True)


def test_a_server_that_is_not_there_is_told():
    (found,) = probes.store(place("http://127.0.0.1:9"))
    assert (found.state, "does not answer" in found.found) == (WRONG, True)


def program(path, text):
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


@pytest.mark.parametrize(
    ("says", "state", "words"),
    [
        ('echo "[\\"2.8\\", null, 0]"', OK, "2.8"),
        ('echo "[null, null, 0]"', NOTE, "not installed"),
        ("echo 'ImportError: libcudart.so' >&2; exit 1", WRONG, "libcudart"),
    ],
)
def test_torch_is_asked_in_the_python_of_the_trainer(says, state, words, here):
    (found,) = probes.torch(place(python=program(here / "python", says)))
    assert (found.state, words in found.found) == (state, True)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_told(here):
    here.chmod(0o500)
    assert WRONG in states(probes.folder(place()))


def test_state_that_every_user_may_write_is_told(here):
    (here / ".sweep").mkdir()
    (here / ".sweep").chmod(0o777)
    assert "chmod" in list(probes.folder(place()))[-1].remedy
