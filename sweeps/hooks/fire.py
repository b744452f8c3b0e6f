"""Calls one hook, in a process of its own: runs its command, or posts to its address, within a time limit, once.

A script of the standard library alone: it starts in an instant, and outlives the supervisor that started it. The last
line that it prints says what went wrong.
"""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from typing import Any

LIMIT_S = 60.0
"""How long a hook may take; then it is killed."""
_ELSEWHERE = (301, 302, 303, 307, 308)


def main(order: dict[str, Any]) -> int:
    """Call the hook.

    Args:
        order: `words`, `directory` and `environment` of a command, or `url` and `payload`; `limit_s`, in seconds; and
            `note`, the file that this takes away first, or nothing: without it, somebody else has called the hook.

    Returns:
        The exit code: 0 if the hook did its work.
    """
    if order["note"] and not _take(order["note"]):
        return 0
    problem = _post(order) if order["url"] else _run(order)
    if problem:
        sys.stdout.flush()
        print(problem, flush=True)  # noqa: T201 - into the hook's log
    return 1 if problem else 0


def _take(note: str) -> bool:
    """Take the note away for good; False: it is not there."""
    try:
        os.unlink(note)  # noqa: PTH108 - a script of few imports
    except FileNotFoundError:
        return False
    folder = os.open(os.path.dirname(note), os.O_RDONLY)  # noqa: PTH120 - see above
    os.fsync(folder)
    os.close(folder)
    return True


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Follows nowhere: what was posted would be asked for, without its content, and count as told."""

    def redirect_request(self, *_: Any) -> None:
        """Answer that there is no other request: the answer is an error then."""


def _post(order: dict[str, Any]) -> str:
    request = urllib.request.Request(  # noqa: S310 - the file's reader takes http and https alone
        order["url"],
        json.dumps(order["payload"]).encode(),
        {"Content-Type": "application/json", "User-Agent": "sweep"},
    )
    try:
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=order["limit_s"]) as answer:
            answer.read(1)
    except urllib.error.HTTPError as error:
        elsewhere = "; name the address that it leads to" if error.code in _ELSEWHERE else ""
        return f"the address answers {error.code} {error.reason}{elsewhere}"
    except (OSError, ValueError, http.client.HTTPException) as error:  # the last: it answers no HTTP
        return f"the address does not answer: {str(getattr(error, 'reason', error)).strip()}"
    return ""


def _run(order: dict[str, Any]) -> str:
    """Run the command as the leader of a group of its own, and end the whole group when its time is up."""
    environment = {**os.environ, **order["environment"]}
    try:
        program = subprocess.Popen(
            order["words"],
            cwd=order["directory"],
            env=environment,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        return f"{order['words'][0]}: cannot be started: {error.strerror}"
    try:
        code = program.wait(order["limit_s"])
    except subprocess.TimeoutExpired:
        os.killpg(program.pid, signal.SIGKILL)
        program.wait()
        return f"killed after {order['limit_s']:g} s"
    return f"exit code {code}" if code > 0 else f"signal {-code}" if code else ""


if __name__ == "__main__":
    # A post has a limit for each step of it alone: the whole is ended here.
    given = json.load(sys.stdin)
    signal.alarm(int(given["limit_s"]) + 5)
    sys.exit(main(given))
