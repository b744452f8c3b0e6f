"""Runs attempts on a Ray cluster: warm workers (Ray actors), each of which starts its attempts as fresh processes."""

from __future__ import annotations

import os
import re
import socket
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sweeps.errors import LaunchError
from sweeps.executors.base import WORKER_GONE, Executor, Exit, Stop
from sweeps.executors.node_worker import Worker
from sweeps.executors.slots import Quota
from sweeps.runner.attempt_spec import EXIT_INTERRUPTED
from sweeps.spec.resources import Resources

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sweeps.runner.attempt_spec import AttemptSpec

_REFUSAL = "no node of the Ray cluster has as much; lower them, or give --jobs to wait for a node that has"
_NODES_KNOWN_S = 1.0
_KILL_WAIT_S = 5.0
_ANSWER_S = 10.0
_EPSILON = 1e-9
_OBJECT_STORE_BYTES = 80 * 1024**2
"""Nothing but attempts' specs and exits goes through it."""


class RayWorker(Worker):
    """A worker with the GPUs that Ray gave it."""

    def ready(self) -> None:
        """Answer, once the worker has its place."""

    def run(self, attempt: AttemptSpec) -> Exit:
        """Run an attempt to its end, on the GPUs that Ray gave this worker."""
        import ray

        gpus = ray.get_runtime_context().get_accelerator_ids().get("GPU", [])
        environment = {**attempt.environment, "CUDA_VISIBLE_DEVICES": ",".join(gpus)}
        return super().run(replace(attempt, environment=environment))


@dataclass(slots=True)
class _Member:
    """One worker of the pool: its actor, and what becomes ready once Ray has a place for it."""

    actor: Any
    ready: Any
    resources: Resources
    has_begun: bool = False


class RayExecutor(Executor):
    """Starts attempts on the nodes of a Ray cluster; workers are kept and used again.

    Args:
        address: As `ray.init` takes it (`auto`, `HOST:PORT`, `ray://HOST:PORT`); None: $RAY_ADDRESS, else a
            cluster of this machine alone, which ends with this process.
        jobs: At most so many attempts at once, queued where they do not fit; None: as many as fit.
        modules: What each worker imports before its first attempt.
        search_path: Where modules are looked for first.
        shipped: Packages and modules that go to the nodes, for those that do not see `search_path`.

    Raises:
        LaunchError: Ray is not installed, or no cluster answers.
    """

    def __init__(
        self,
        address: str | None,
        jobs: int | None,
        modules: Sequence[str],
        search_path: Sequence[str],
        shipped: Sequence[str] = (),
    ) -> None:
        self._ray = _connected(address, shipped)
        self._modules = tuple(modules)
        self._search_path = tuple(search_path)
        self._nodes: Sequence[Mapping[str, float]] = ()
        self._nodes_read_s = float("-inf")
        has_gpus = any(node.get("GPU", 0) > 0 for node in self._alive_nodes())
        self.slots = Quota(self._capacity, 1.0 if has_gpus else 0.0, jobs, _REFUSAL)
        self._idle: list[_Member] = []
        self._running: dict[str, tuple[Any, _Member]] = {}
        self._never_started: set[str] = set()

    def submit(self, attempt: AttemptSpec) -> None:
        """Give an attempt to an idle worker of its size, or to a new one."""
        size = Resources(attempt.resources.gpu, attempt.resources.cpu)
        member = next((member for member in self._idle if member.resources == size), None)
        if member is None:
            member = self._start(size)
        else:
            self._idle.remove(member)
        self._running[attempt.run_id] = (member.actor.run.remote(attempt), member)

    def has_begun(self, run_id: str) -> bool:
        """Whether its worker has a place on a node."""
        return run_id in self._running and self._is_placed(self._running[run_id][1])

    def wait(self, timeout_s: float) -> list[Exit]:
        """The attempts that ended, waiting up to `timeout_s` seconds for the first.

        Raises:
            LaunchError: A worker cannot be set up, or does not see the runs' directory.
        """
        self._give_way()
        if not self._running:
            time.sleep(timeout_s)
            return []
        run_ids = {ref: run_id for run_id, (ref, _) in self._running.items()}
        refs = list(run_ids)
        first, _ = self._ray.wait(refs, num_returns=1, timeout=timeout_s)
        ready = self._ray.wait(refs, num_returns=len(refs), timeout=0)[0] if first else []
        return [self._ended(run_ids[ref]) for ref in ready]

    def stop(self, run_id: str, how: Stop) -> None:
        """Stop an attempt; one that still waits for a place never starts."""
        if run_id not in self._running:
            return
        _, member = self._running[run_id]
        if self._is_placed(member):
            member.actor.stop.remote(run_id, how)
        else:
            self._never_started.add(run_id)
            self._ray.kill(member.actor)

    def close(self) -> None:
        """Kill what still runs, end the workers and disconnect."""
        for run_id, (_, member) in self._running.items():
            member.actor.stop.remote(run_id, Stop.KILL)
        if self._running:
            refs = [ref for ref, _ in self._running.values()]
            self._ray.wait(refs, num_returns=len(refs), timeout=_KILL_WAIT_S)
        self._running.clear()
        self._ray.shutdown()

    def _start(self, size: Resources) -> _Member:
        actor = (
            self._ray.remote(RayWorker)
            .options(
                num_cpus=size.cpu,
                num_gpus=size.gpu or 0,
                max_concurrency=2,  # one thread waits for the attempt, the other hears stops
                max_restarts=0,
                max_task_retries=0,
            )
            .remote(self._modules, self._search_path)
        )
        return _Member(actor, actor.ready.remote(), size)

    def _ended(self, run_id: str) -> Exit:
        ref, member = self._running.pop(run_id)
        try:
            ended: Exit = self._ray.get(ref)
        except self._ray.exceptions.RayActorError as error:
            if run_id in self._never_started:
                self._never_started.discard(run_id)
                return Exit(run_id, EXIT_INTERRUPTED, None)
            if error.actor_init_failed:
                raise LaunchError(f"no worker can be set up on the Ray cluster: {error}") from error
            return Exit(run_id, None, None, WORKER_GONE)
        except self._ray.exceptions.RayTaskError as error:
            raise LaunchError(str(error.cause)) from error
        except self._ray.exceptions.RayError as error:
            raise LaunchError(f"the Ray cluster cannot run a trial: {error}") from error
        self._idle.append(member)
        return ended

    def _give_way(self) -> None:
        """End idle workers where another one waits for a place."""
        if self._idle and not all(self._is_placed(member) for _, member in self._running.values()):
            for member in self._idle:
                self._ray.kill(member.actor)
            self._idle.clear()

    def _is_placed(self, member: _Member) -> bool:
        if not member.has_begun:
            member.has_begun = bool(self._ray.wait([member.ready], timeout=0)[0])
        return member.has_begun

    def _capacity(self, resources: Resources) -> int:
        return sum(_fits(node, resources) for node in self._alive_nodes())

    def _alive_nodes(self) -> Sequence[Mapping[str, float]]:
        """The resources of each node, asked for at most once a second."""
        now_s = time.monotonic()
        if now_s - self._nodes_read_s > _NODES_KNOWN_S:
            self._nodes = [node["Resources"] for node in self._ray.nodes() if node["Alive"]]
            self._nodes_read_s = now_s
        return self._nodes


def _fits(node: Mapping[str, float], resources: Resources) -> int:
    """How many attempts of some resources fit an empty node."""
    fit = int(node.get("CPU", 0) / resources.cpu + _EPSILON)
    if not resources.gpu:
        return fit
    gpus = node.get("GPU", 0)
    if resources.gpu < 1:
        return min(fit, int(gpus) * int(1 / resources.gpu + _EPSILON))
    return min(fit, int(gpus / resources.gpu + _EPSILON))


def links_in(shipped: Iterable[str]) -> list[str]:
    """The links in folders that go to the nodes, as patterns of what not to ship: Ray would ship what they lead to."""
    found = []
    for place in shipped:
        for folder, folders, files in os.walk(place):
            paths = (Path(folder, name) for name in (*folders, *files))
            found += [path.relative_to(place).as_posix() for path in paths if path.is_symlink()]
    return sorted("/" + re.sub(r"([\\*?\[\]!# ])", r"\\\1", name) for name in found)


def _connected(address: str | None, shipped: Sequence[str]) -> Any:
    """The `ray` module, connected."""
    address = address or os.environ.get("RAY_ADDRESS") or "local"
    # Ray reads these when it is imported. Without them it would print a warning of its own at each start, report
    # home, and have a cluster of this machine alone listen on all its addresses, which the last one forbids.
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    if address == "local":
        os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"
    try:
        import ray
        import ray.exceptions
    except ImportError as error:
        raise LaunchError(
            "--executor ray: Ray is not installed; `pip install 'sweep-experiments[ray]'`"
        ) from error
    options: dict[str, Any] = {"address": address}
    if address == "local":
        options |= {"include_dashboard": False, "object_store_memory": _OBJECT_STORE_BYTES}
    try:
        _knock(address)
        ray.init(
            **options,
            runtime_env={"py_modules": list(shipped), "excludes": links_in(shipped)} if shipped else None,
            log_to_driver=False,
            logging_level="ERROR",
        )
    except (ConnectionError, RuntimeError, ValueError, ImportError, OSError) as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise LaunchError(
            f"no Ray cluster answers at {address}: {reason}; start one with `ray start --head`, "
            "or give its --address"
        ) from error
    return ray


def _knock(address: str) -> None:
    """See that somebody listens at HOST:PORT; Ray itself would try for minutes.

    Raises:
        OSError: Nobody does.
    """
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if port.isdecimal():
        socket.create_connection((host.strip("[]"), int(port)), timeout=_ANSWER_S).close()
