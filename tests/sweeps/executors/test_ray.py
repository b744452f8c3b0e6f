"""The executor contract on Ray, on a real cluster of several nodes of this machine; nodes are killed."""

import json
import time
from importlib import util

import psutil
import pytest

from sweeps.executors.registry import shipped_code
from sweeps.rundir.paths import RunPaths
from sweeps.runner.attempt_spec import AttemptSpec
from sweeps.spec.resources import Resources
from tests.servers import free_port
from tests.sweeps.devices import most_at_once, on_gpus, seen, under_way
from tests.sweeps.environments import is_told_everywhere, with_other_optuna
from tests.sweeps.executor_contract import ExecutorContract, is_left_alone, is_whole
from tests.sweeps.outages import go_on

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.timeout(300),
    pytest.mark.skipif(
        util.find_spec("ray") is None,
        reason="Ray is not installed: `pip install 'sweep-experiments[ray]'`",
    ),
]
LOOPBACK = {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0", "RAY_USAGE_STATS_ENABLED": "0"}
"""Has Ray stay on 127.0.0.1; it reads this when it is imported."""
NODE = {"num_cpus": 2, "object_store_memory": 80 * 1024**2, "include_dashboard": False}
KILLED_S = 10
"""How long the head goes without a sign of life before a node is dead to it: a tenth of Ray's own patience."""


@pytest.fixture(scope="module")
def cluster():
    """A head that runs nothing, so that nodes can be added and killed beside it."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in LOOPBACK.items():
            patch.setenv(name, value)
        from ray.cluster_utils import Cluster

        client = {"ray_client_server_port": free_port()} if util.find_spec("grpc") else {}
        cluster = Cluster(
            initialize_head=True,
            head_node_args={
                **NODE,
                **client,
                "num_cpus": 0,
                "_system_config": {
                    "health_check_period_ms": 500,
                    "health_check_failure_threshold": 2 * KILLED_S,
                },
            },
        )
        yield cluster
        cluster.shutdown()


@pytest.fixture
def node(cluster):
    """A node of two cores, gone after the test."""
    node = cluster.add_node(**NODE)
    yield node
    if node in cluster.list_all_nodes():
        cluster.remove_node(node)  # gracefully, so that the next test's trials are not sent to a dead one


class TestRay(ExecutorContract):
    @pytest.fixture
    def on_executor(self, project, cluster, node):
        assert node in cluster.list_all_nodes()
        project.environment |= LOOPBACK
        project.options = ["--executor", "ray", "--address", cluster.address]
        return project

    @staticmethod
    def worker_of(trial):
        """The Ray worker: the forkserver's parent."""
        return trial.parent().parent()

    def test_a_killed_node_loses_nothing_and_its_trials_resume_on_another(self, on_executor, cluster, node):
        on_executor.spec("sweeps: {a: {grid: {factor: [0.5, 0.25], hold: [epoch, none, never]}}}")
        process = on_executor.run()
        first, second = on_executor.held(), on_executor.held()
        assert raylet_of(first) == raylet_of(second) == raylet(node)
        other = cluster.add_node(**NODE)
        cluster.remove_node(node, allow_graceful=False)
        output, _ = process.communicate(timeout=300)
        cluster.remove_node(other, allow_graceful=False)
        assert process.returncode == 0, output
        runs = on_executor.runs()
        assert {run.status for run in runs.values()} == {"FINISHED"}
        # A second attempt may go to the dead node too, until Ray knows of its death.
        assert {name: min(run.attempt, 2) for name, run in runs.items()} == {
            f"factor{factor}-{hold}": 2 if hold == "epoch" else 1
            for factor in ("0.5", "0.25")
            for hold in ("epoch", "none", "never")
        }
        assert all(is_whole(on_executor, runs[f"factor0.5-{hold}"]) for hold in ("epoch", "none", "never"))
        is_left_alone(on_executor)

    @pytest.mark.parametrize(("share", "at_once"), [(1, 2), (0.5, 4)])
    def test_trials_share_gpus_as_they_say_and_no_further(
        self, on_executor, cluster, share, at_once, monkeypatch
    ):
        monkeypatch.delenv("CUDA_VISIBLE_DEVICES")  # Ray gives out no more than it names
        gpus = cluster.add_node(**NODE | {"num_cpus": 6, "num_gpus": 2})
        on_gpus(on_executor, share, at_once + 1)
        process = on_executor.run()
        under_way(on_executor, at_once)
        go_on(on_executor)
        output, _ = process.communicate(timeout=300)
        cluster.remove_node(gpus)
        assert process.returncode == 0, output
        found = seen(on_executor)
        assert sorted(found) == ["0", "1"]
        assert sum(map(len, found.values())) == at_once + 1
        assert max(map(most_at_once, found.values())) == 1 / share

    def test_a_node_with_other_packages_is_told_by_plan_status_and_report(
        self, on_executor, cluster, tmp_path_factory
    ):
        path = with_other_optuna(tmp_path_factory.mktemp("other"))
        unlike = cluster.add_node(**NODE, env_vars={"PYTHONPATH": path})
        on_executor.spec("sweeps: {a: {grid: {factor: [0.5, 0.25], hold: [epoch]}, resources: {cpu: 2}}}")
        process = on_executor.run()
        held = [psutil.Process(on_executor.held()), psutil.Process(on_executor.held())]
        (there,) = [trial for trial in held if raylet_of(trial.pid) == raylet(unlike)]
        # Both have left word of what they run in; killed alone, each is interrupted, and nothing starts it again.
        for trial in held:
            trial.kill()
        output, _ = process.communicate(timeout=300)
        cluster.remove_node(unlike)
        assert process.returncode == 130, output
        assert there in held
        recorded = {
            name: json.loads(run.tags["sweeps.env"])["optuna"] for name, run in on_executor.runs().items()
        }
        (name,) = [name for name, version in recorded.items() if version == "0.0.1"]
        assert is_told_everywhere(on_executor, name)

    def test_a_driver_without_a_cluster_says_what_to_do(self, on_executor):
        on_executor.spec("sweeps: {a: {grid: {factor: [0.5]}}}")
        on_executor.options[-1] = "127.0.0.1:1"
        code, output = on_executor.ran()
        assert code == 2, output
        assert "no Ray cluster answers at 127.0.0.1:1" in output

    def test_what_no_node_has_is_refused(self, on_executor):
        on_executor.spec("sweeps: {a: {grid: {factor: [0.5]}, resources: {gpu: 0.5, cpu: 3}}}")
        code, output = on_executor.ran()
        assert code == 2
        assert "a trial wants 0.5 GPUs and 3 cores, and no node of the Ray cluster has as much" in output


@pytest.mark.skipif(
    util.find_spec("grpc") is None, reason="Ray's client is not installed: `pip install 'ray[client]'`"
)
def test_a_driver_outside_the_cluster_runs_trials_through_rays_client(project, cluster, node):
    assert node in cluster.list_all_nodes()
    project.environment |= LOOPBACK
    port = cluster.head_node._ray_params.ray_client_server_port
    project.options = ["--executor", "ray", "--address", f"ray://127.0.0.1:{port}"]
    project.spec("sweeps: {a: {grid: {factor: [0.5, 0.25], fail_at: [1, 99]}}}")
    code, output = project.ran()
    assert code == 1, output
    runs = project.runs()
    assert sorted(run.outcome for run in runs.values()) == ["failed", "failed", "finished", "finished"]
    assert is_whole(project, runs["factor0.5-fail_at99"])
    is_left_alone(project)


@pytest.mark.usefixtures("node")
def test_a_node_that_does_not_see_the_code_gets_it(tmp_path, cluster):
    from sweeps.executors.ray import RayExecutor

    (tmp_path / "only_here.py").write_text("def train(config, run):\n    run.log({'loss': 1.0}, 0)\n")
    paths = RunPaths(tmp_path / "run")
    paths.create()
    executor = RayExecutor(
        cluster.address, None, ["only_here"], [], shipped_code(["only_here"], [str(tmp_path)])
    )
    try:
        spec = AttemptSpec(
            "run", 1, paths.root, {}, "only_here:train", None, ("cpu",), {}, resources=Resources(0.0)
        )
        executor.submit(spec)
        deadline_s, exits = time.monotonic() + 60, []
        while not exits and time.monotonic() < deadline_s:
            exits = executor.wait(1.0)
    finally:
        executor.close()
    assert [(ended.code, ended.signal) for ended in exits] == [(0, None)], paths.log(1).read_text()
    assert '"loss": 1.0' in paths.journal.read_text()


def raylet(node):
    (info,) = node.all_processes["raylet"]
    return info.process.pid


def raylet_of(trial):
    """The raylet that a trial's process descends from."""
    return next(p.pid for p in psutil.Process(trial).parents() if "raylet" in p.name())
