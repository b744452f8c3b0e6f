"""MLflow's server inside the test's process, behind a proxy that lies: answers 500 or 429, cuts an answer off after the
request was done, hangs, refuses connections, or comes back with an empty database."""

import http.client
import http.server
import os
import socket
import threading
from urllib.parse import urlsplit

WAYS = ("500", "429", "cut", "half", "hang", "refuse")
"""`cut`: the request is done and the connection closed; `half`: half of the answer, as if it were all."""
CLOSED_S = 0.3
"""How long the proxy refuses connections."""


class MlflowServer:
    """MLflow's own WSGI application on an sqlite file; one a process, since it keeps its store in the module."""

    def __init__(self, folder):
        os.environ.update(
            {
                "_MLFLOW_SERVER_FILE_STORE": f"sqlite:///{folder / 'mlflow.db'}",
                "_MLFLOW_SERVER_ARTIFACT_ROOT": "mlflow-artifacts:/",
                "_MLFLOW_SERVER_ARTIFACT_DESTINATION": str(folder / "artifacts"),
                "_MLFLOW_SERVER_SERVE_ARTIFACTS": "true",
                "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
            }
        )
        from mlflow.server import app
        from werkzeug.serving import WSGIRequestHandler, make_server

        class Quiet(WSGIRequestHandler):
            def log(self, *_):
                pass

        self._server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self):
        self._server.shutdown()
        for name in [name for name in os.environ if name.startswith("_MLFLOW_SERVER_")]:
            del os.environ[name]


class Lie:
    """What is done to requests that match: `way`, `times` times, from the `nth` match on."""

    def __init__(self, matches, way, *, nth=1, times=2):
        self.matches, self.way, self.nth, self.times = matches, way, nth, times
        self.seen = self.told = 0

    def applies(self, method, path, body):
        if not self.matches(method, path, body):
            return False
        self.seen += 1
        if self.seen < self.nth or self.told >= self.times:
            return False
        self.told += 1
        return True


class LyingProxy:
    """Passes requests on, except that it tells the `lie` that it is given."""

    def __init__(self, upstream_port):
        self.lie, self.upstream_port = None, upstream_port
        self._over = threading.Event()
        self._open(0)
        self.uri = f"http://127.0.0.1:{self.port}"

    def _open(self, port):
        proxy = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do(self):
                length = int(self.headers.get("Content-Length") or 0)
                proxy.handle(self, self.rfile.read(length))

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do  # noqa: N815 - the names that http.server calls

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads, allow_reuse_address = True, True
            handle_error = lambda *_: None  # noqa: E731 - a client that gave up waiting

        self._server = Server(("127.0.0.1", port), Handler)
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def handle(self, request, body):
        lie = self.lie
        way = lie.way if lie is not None and lie.applies(request.command, request.path, body) else None
        if way in {"500", "429"}:
            return self._answer(request, int(way), b"busy")
        if way == "hang":
            self._over.wait()
            return self._drop(request)
        if way == "refuse":
            threading.Thread(target=self._reopen_later, daemon=True).start()
            return self._drop(request)
        status, headers, answer = self._passed_on(request, body)
        if way == "cut":
            return self._drop(request)
        if way == "half":
            answer = answer[: len(answer) // 2]
        return self._answer(request, status, answer, headers)

    def _passed_on(self, request, body):
        upstream = http.client.HTTPConnection("127.0.0.1", self.upstream_port, timeout=300)
        headers = {key: value for key, value in request.headers.items() if key.lower() != "host"}
        upstream.request(request.command, request.path, body, headers)
        answer = upstream.getresponse()
        content = answer.read()
        upstream.close()
        return answer.status, {"Content-Type": answer.headers.get("Content-Type", "text/plain")}, content

    def _answer(self, request, status, content, headers=()):
        request.send_response(status)
        for key, value in dict(headers).items():
            request.send_header(key, value)
        request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        request.wfile.write(content)

    def _drop(self, request):
        request.close_connection = True
        request.connection.shutdown(socket.SHUT_RDWR)

    def _reopen_later(self):
        port = self.port
        self._server.shutdown()
        self._server.server_close()
        self._over.wait(CLOSED_S)
        self._open(port)

    def close(self):
        self._over.set()
        self._server.shutdown()
        self._server.server_close()


def path_of(path):
    """The last words of an API path: `runs/create`."""
    return "/".join(urlsplit(path).path.split("/")[-2:])
