"""MLflow's own UI on a store, in this process.

`mlflow ui` imports MLflow once for its command line, once more for each of four servers, and twice for servers of jobs
that experiments have no use for: 1.5 GB, and half a minute. One server is enough for one person.
"""

from __future__ import annotations

import importlib
import os
import socket
import threading
import warnings
from typing import TYPE_CHECKING, Any

from sweeps.errors import PortError, RecordError

if TYPE_CHECKING:
    from collections.abc import Callable

HOST = "127.0.0.1"
OWN_HOSTS = "localhost,localhost:*,127.0.0.1,127.0.0.1:*"
"""What a browser on this machine, or behind a tunnel to it, calls the UI. MLflow's own list has patterns such as `10.*`
for private networks, which a page of `10.example.com` fits as well: with its name resolved to 127.0.0.1 it could read."""
_ARTIFACTS = "./mlartifacts"
"""Where MLflow's server puts the files of experiments that are made in the UI itself, if nobody says otherwise."""


def listen(port: int) -> socket.socket:
    """Take the port; whoever connects before the server is there waits for it.

    Raises:
        PortError: It cannot be had.
    """
    try:
        return socket.create_server((HOST, port))
    except OSError as error:
        raise PortError(
            f"{HOST}:{port}: cannot be listened on: {error.strerror}; choose another port with --port"
        ) from error


def serve(tracking_uri: str, listening: socket.socket, announce: Callable[[], None]) -> None:
    """Serve until a Ctrl-C, which is raised as KeyboardInterrupt. Requests may go on in threads then: leave by `os._exit`.

    Args:
        tracking_uri: The store.
        listening: Where to listen.
        announce: Called once the UI answers.

    Raises:
        RecordError: MLflow cannot use the store.
    """
    application = _application(tracking_uri)
    failed: list[BaseException] = []

    def run() -> None:
        try:
            _serve(application, listening, announce)
        except BaseException as error:  # noqa: BLE001 - it is raised again below
            failed.append(error)

    # In the main thread, uvicorn would wait for requests that are under way before it hands on a Ctrl-C.
    thread = threading.Thread(target=run, name="ui", daemon=True)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]


def _serve(application: Any, listening: socket.socket, announce: Callable[[], None]) -> None:
    import uvicorn

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets=sockets)
            announce()

    # MLflow's start and end (`lifespan`) are about its assistant's containers: it would remove those of other servers.
    config = uvicorn.Config(application, lifespan="off", log_level="warning", access_log=False)
    Server(config).run(sockets=[listening])


def _application(tracking_uri: str) -> Any:
    """MLflow's application as `mlflow server --workers 1` makes it.

    Its settings go through the environment: arguments, and so the store's password, would be shown to every user.
    """
    os.environ.setdefault("MLFLOW_SERVER_ALLOWED_HOSTS", OWN_HOSTS)
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ["MLFLOW_SERVER_ENABLE_JOB_EXECUTION"] = "false"
    import uvicorn  # noqa: F401 - MLflow checks who asks it (`Host`) only where it finds a server imported
    from mlflow.exceptions import MlflowException
    from mlflow.server.handlers import initialize_backend_stores

    server: Any = importlib.import_module("mlflow.server")  # the names of its settings are not in its types
    artifacts_root = "mlflow-artifacts:/"
    os.environ |= {
        server.BACKEND_STORE_URI_ENV_VAR: tracking_uri,
        server.REGISTRY_STORE_URI_ENV_VAR: tracking_uri,
        server.ARTIFACT_ROOT_ENV_VAR: artifacts_root,
        server.SERVE_ARTIFACTS_ENV_VAR: "true",
        server.ARTIFACTS_DESTINATION_ENV_VAR: os.environ.get("MLFLOW_ARTIFACTS_DESTINATION", _ARTIFACTS),
    }
    try:
        initialize_backend_stores(tracking_uri, tracking_uri, artifacts_root)
    except MlflowException as error:
        raise RecordError(f"{tracking_uri}: MLflow cannot use this store: {error}") from error
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about what MLflow is made of
        from mlflow.server.fastapi_app import app
    return app
