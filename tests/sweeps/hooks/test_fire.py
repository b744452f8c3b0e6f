"""A hook's own process: what it runs and posts, and what it says where that fails."""

import json
import socket
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from sweeps.hooks import fire


def call(words=(), *, url="", directory=".", limit_s=60, note="", **payload):
    order = {
        "words": words,
        "url": url,
        "directory": str(directory),
        "environment": {"SWEEP_TRIAL": "x1"},
        "payload": payload,
        "limit_s": limit_s,
        "note": str(note),
    }
    done = subprocess.run(
        [sys.executable, "-I", fire.__file__],
        input=json.dumps(order),
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout.splitlines(), done.stderr


@pytest.fixture
def address():
    got = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(500 if "fail" in self.path else 301 if "moved" in self.path else 204)
            self.send_header("Location", "/")
            self.end_headers()

        def do_GET(self):
            got.append("asked for")
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", got
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_command_runs_in_the_files_folder_with_the_variables(tmp_path):
    shell = ["/bin/sh", "-c", 'echo "$SWEEP_TRIAL" > told; echo said']
    assert call(shell, directory=tmp_path) == (0, ["said"], "")
    assert (tmp_path / "told").read_text() == "x1\n"


@pytest.mark.parametrize(
    ("words", "limit_s", "says"),
    [
        (["/bin/sh", "-c", "echo why; exit 3"], 60, "exit code 3"),
        (["/bin/sh", "-c", "kill -9 $$"], 60, "signal 9"),
        (["no-such-program"], 60, "no-such-program: cannot be started: No such file or directory"),
        (["/bin/sh", "-c", "sleep 1000 & wait"], 0.1, "killed after 0.1 s"),
    ],
)
def test_the_last_line_says_what_went_wrong(words, limit_s, says):
    code, lines, _ = call(words, limit_s=limit_s)
    assert (code, lines[-1]) == (1, says)


def test_a_hook_takes_its_note_away_and_is_not_called_without(tmp_path):
    (tmp_path / "note").touch()
    for _ in range(2):
        done = call(["/bin/sh", "-c", "echo x >> told"], directory=tmp_path, note=tmp_path / "note")
        assert done == (0, [], "")
    assert [path.name for path in tmp_path.iterdir()] == ["told"]
    assert (tmp_path / "told").read_text() == "x\n"


def test_an_address_gets_json_and_its_refusal_is_said(address):
    url, got = address
    assert call(url=url, trial="x1") == (0, [], "")
    assert call(url=f"{url}/fail", trial="x2")[1] == ["the address answers 500 Internal Server Error"]
    assert got == [{"trial": "x1"}, {"trial": "x2"}]


def test_an_address_that_leads_elsewhere_is_not_followed_as_the_content_would_be_lost(address):
    url, got = address
    code, (said,), _ = call(url=f"{url}/moved", trial="x1")
    assert (code, said) == (
        1,
        "the address answers 301 Moved Permanently; name the address that it leads to",
    )
    assert got == [{"trial": "x1"}]


def test_an_address_where_nobody_is_is_said_without_its_path():
    code, lines, _ = call(url="http://127.0.0.1:9/secret")
    assert code == 1
    assert lines[-1].startswith("the address does not answer: ")
    assert "secret" not in lines[-1]


def test_an_address_that_speaks_no_http_is_one_that_does_not_answer():
    def answer(server):
        with server.accept()[0] as caller:
            while not caller.recv(65536).endswith(b"}"):
                pass
            caller.sendall(b"220 mail ready\r\n")

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=answer, args=(server,))
        thread.start()
        code, (said,), wrong = call(url=f"http://127.0.0.1:{server.getsockname()[1]}/")
        thread.join()
    assert (code, wrong, said) == (1, "", "the address does not answer: 220 mail ready")
