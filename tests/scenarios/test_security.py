"""What others must not reach, and what names must not do: the whole program, from outside."""

import re
import stat
import subprocess
import sys

import psutil
import pytest
import requests

from tests.project import Project
from tests.servers import PATIENCE_S, free_port, wait_until_healthy
from tests.sweeps.specs import run_sweep

SCRIPT = "<script>alert(1)</script>"
ODD = 'it\'s "odd"\n$(touch ran) `touch ran`; [red]&<b> ünï'
SECRETS = ("hunter2", "hun/ter2")
ADDRESSES = (
    "http://me:hunter2@127.0.0.1:9",
    "http://me:hun/ter2@127.0.0.1:9",
    "http://me:hunter2@127.0.0.1:port",
    "http://me:hunter2@[::1",
    "postgresql://me:hunter2@127.0.0.1:9/db",
    "postgresql://me:hun/ter2@127.0.0.1:9/db",
    "postgresql://127.0.0.1:9/db?user=me&password=hunter2",
    "mysql://me:hunter2@127.0.0.1:9/db",
    "nosuch://me:hunter2@127.0.0.1/db",
    "sqlite:///missing/x.db?password=hunter2",
)
"""Stores that do not answer, are not installed, or cannot be."""


@pytest.fixture
def odd(tmp_path, empty_database, warm_sweep):
    """A project in a directory whose name is hard to quote, beside nothing else."""
    path = tmp_path / "outside" / ODD
    path.mkdir(parents=True)
    project = Project(path, empty_database, warm_sweep)
    yield project
    project.close()


def test_odd_names_stay_inside_and_nothing_is_open_to_all(odd):
    (odd.path / "toy.py").write_text(
        "def train(config, run):\n"
        "    run.log({'loss': 1.0}, 0)\n"
        "    open('scratch', 'w').close()\n"
        "    if config['x'] == 1:\n"
        "        raise ValueError(config['name'])\n"
    )
    odd.spec(f'sweeps: {{a: {{grid: {{x: [1, 2], name: ["../../../out", "{SCRIPT}"]}}}}}}')
    odd.prefix = ["sh", "-c", 'umask 0; exec "$@"', "sh"]
    code, output = odd.sweep("run", "e.yaml")
    assert code == 1, output
    assert sorted(run.outcome for run in odd.runs().values()) == ["failed", "failed", "finished", "finished"]
    assert odd.sweep("report", "e.yaml")[0] == 0
    assert [path.name for path in odd.path.parent.iterdir()] == [ODD]
    assert [path.name for path in odd.path.parent.parent.iterdir()] == ["outside"]
    assert not (odd.path / "ran").exists()
    made = [path for path in odd.path.rglob("*") if not path.is_symlink()]
    assert odd.path / "scratch" in made
    assert [path for path in made if path.stat().st_mode & stat.S_IWOTH] == []
    page = (odd.path / "figures" / "report.html").read_text()
    assert SCRIPT not in page
    assert "&lt;script&gt;alert(1)" in page


def test_a_state_directory_that_every_user_may_write_is_refused_before_anything_starts(project):
    project.spec("sweeps: {a: {grid: {x: [1]}}}")
    (project.path / ".sweep").mkdir()
    (project.path / ".sweep").chmod(0o777)
    code, output = project.sweep("run", "e.yaml")
    assert code == 2
    assert output.startswith(f"{project.path / '.sweep'}: every user of this machine may write there")
    assert project.runs() == {}


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_verb_tells_the_password_of_a_store(address, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
    monkeypatch.delenv("SWEEP_HOME", raising=False)
    (tmp_path / "e.yaml").write_text("trainer: {command: [python]}\nsweeps: {a: {grid: {x: [1]}}}\n")
    for words in (("plan",), ("run", "--gpus", ""), ("status",), ("logs", "x1"), ("report",)):
        done = run_sweep(words[0], "e.yaml", *words[1:])
        assert [secret for secret in SECRETS if secret in done.out + done.err] == []
        if "sqlite" not in address:  # where there is no file, nothing is recorded yet
            assert done.code == 2


@pytest.mark.parametrize("storage", [*ADDRESSES, "me:hunter2@127.0.0.1/db"])
def test_no_verb_tells_the_password_of_a_searchs_storage(storage, project, monkeypatch):
    monkeypatch.chdir(project.path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.delenv("SWEEP_HOME", raising=False)
    search = f"space: {{x: {{float: [0, 1]}}}}, objective: {{loss: min}}, trials: 1, storage: '{storage}'"
    project.spec(f"sweeps: {{s: {{search: {{{search}}}}}}}")
    for words in (("check",), ("plan",), ("run", "--gpus", "")):
        done = run_sweep(words[0], "e.yaml", *words[1:])
        assert [secret for secret in SECRETS if secret in done.out + done.err] == []
    assert done.code == 2
    kept = [path for path in project.path.rglob("mlruns/**/*") if path.is_file()]
    assert [path for path in kept if re.search(rb"hun/?ter2", path.read_bytes())] == []


@pytest.mark.extra
def test_the_ui_answers_this_machine_alone_under_its_own_names(project):
    project.spec("sweeps: {a: {grid: {x: [1]}}}")
    port = free_port()
    log = project.path / "ui.log"
    with log.open("wb") as out:
        server = subprocess.Popen(
            [sys.executable, "-m", "sweeps", "ui", "e.yaml", "--port", str(port)],
            cwd=project.path,
            env=project.environment,
            stdout=out,
            stderr=out,
        )
    try:
        wait_until_healthy(f"http://127.0.0.1:{port}", server, log)
        answers = {
            host: requests.get(
                f"http://127.0.0.1:{port}/api/2.0/mlflow/experiments/get-by-name?experiment_name=Default",
                headers={"Host": f"{host}:{port}"},
                timeout=PATIENCE_S,
            ).status_code
            for host in ("localhost", "127.0.0.1", "evil.example", "10.evil.example", "192.168.evil.example")
        }
        tree = [psutil.Process(server.pid), *psutil.Process(server.pid).children(recursive=True)]
        listening = {
            connection.laddr.ip
            for process in tree
            for connection in process.net_connections("inet")
            if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port
        }
        shown = " ".join(word for process in tree for word in process.cmdline())
    finally:
        server.terminate()
        server.wait(timeout=PATIENCE_S)
    assert answers == {
        "localhost": 200,
        "127.0.0.1": 200,
        "evil.example": 403,
        "10.evil.example": 403,
        "192.168.evil.example": 403,
    }
    assert listening == {"127.0.0.1"}
    assert "sqlite" not in shown  # where another store's address would hold its password
