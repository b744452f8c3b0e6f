import os
import subprocess
import sys

import pytest

from tests.analysis.store_contract import write
from tests.servers import free_port, wait_until_healthy


@pytest.fixture(scope="session")
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
