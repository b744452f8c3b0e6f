import os
import threading

import pytest

from tests.analysis.store_contract import write

SERVER = """
from mlflow.server import app
from werkzeug.serving import make_server
server = make_server("127.0.0.1", 0, app, threaded=True)
print(server.server_port, flush=True)
server.serve_forever()
"""


@pytest.fixture(scope="session")
def server(empty_database, tmp_path_factory, warm_sweep):
    folder = tmp_path_factory.mktemp("server")
    database = folder / "mlflow.db"
    database.write_bytes(empty_database.read_bytes())
    environment = os.environ | {
        "_MLFLOW_SERVER_FILE_STORE": f"sqlite:///{database}",
        "_MLFLOW_SERVER_ARTIFACT_ROOT": str(folder / "artifacts"),
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    }
    process = warm_sweep.start(code=SERVER, directory=folder, environment=environment)
    try:
        address = f"http://127.0.0.1:{int(process.stdout.readline())}"
        # What it prints of each request is read, or it would wait at a full pipe.
        threading.Thread(target=process.stdout.read, daemon=True).start()
        yield database, write(address)
    finally:
        process.kill()
        process.wait()
