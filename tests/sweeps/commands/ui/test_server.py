"""The server of `sweep ui`; tests/scenarios opens the whole UI."""

import socket
import threading

import pytest
import requests

from sweeps.commands.ui import server
from sweeps.errors import PortError


def test_a_port_that_is_taken_is_named_with_the_way_out():
    with socket.create_server((server.HOST, 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortError, match=rf"^127\.0\.0\.1:{port}: cannot be listened on: .*--port"):
            server.listen(port)


def test_the_address_is_announced_when_it_answers(monkeypatch):
    answered = []

    async def application(_scope, _receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"MLflow"})

    def announce():
        def ask():
            answered.append(requests.get(f"http://{server.HOST}:{port}", timeout=300).text)
            done.set()

        threading.Thread(target=ask).start()

    done = threading.Event()
    monkeypatch.setattr(server, "_application", lambda _uri: application)
    with server.listen(0) as listening:
        port = listening.getsockname()[1]
        threading.Thread(target=server.serve, args=("sqlite://", listening, announce), daemon=True).start()
        assert done.wait(timeout=300)
    assert answered == ["MLflow"]
