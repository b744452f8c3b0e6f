import os
import re

import pytest

from sweeps.errors import SelectionError
from sweeps.executors import slots
from sweeps.executors.gpus import Nvml, Others
from sweeps.executors.slots import Allocation, Machine, Quota, find_machine
from sweeps.spec.resources import Resources
from tests.sweeps.executors.fake_nvml import SPELLINGS, Device

G = 1 << 30


def test_cores_are_allocated_until_none_is_left():
    machine = Machine(4, [])
    two = Resources(cpu=2)
    first, second = machine.allocate(two), machine.allocate(two)
    assert first == second == Allocation(gpus=(), share=1.0, cpus=2, held_cpus=2)
    assert machine.allocate(two) is None
    assert machine.allocate(Resources()) is None
    machine.release(first)
    assert machine.allocate(two) is not None


def test_a_trial_takes_one_gpu_where_there_is_any_and_says_nothing_of_it():
    machine = Machine(1, ["3", "7"])
    assert [machine.allocate(Resources()).gpus for _ in range(2)] == [("3",), ("7",)]
    assert machine.allocate(Resources()) is None


def test_shares_of_a_device_are_packed_before_another_is_begun():
    machine = Machine(8, ["0", "1"])
    half = Resources(gpu=0.5)
    allocations = [machine.allocate(half) for _ in range(4)]
    assert [allocation.gpus for allocation in allocations] == [("0",), ("0",), ("1",), ("1",)]
    assert machine.allocate(half) is None
    machine.release(allocations[1])
    assert machine.allocate(Resources(gpu=1)) is None
    assert machine.allocate(half).gpus == ("0",)


@pytest.mark.parametrize("count", [3, 9, 20])
def test_equal_shares_fill_a_device_again_and_again(count):
    machine = Machine(8, ["0"])
    share = Resources(gpu=1 / count)
    for _ in range(50):
        allocations = [machine.allocate(share) for _ in range(count)]
        assert None not in allocations
        assert machine.allocate(share) is None
        for allocation in allocations:
            machine.release(allocation)
    assert machine.allocate(Resources(gpu=1)) is not None


def test_two_gpus_are_allocated_together_or_not_at_all():
    machine = Machine(8, ["0", "1", "2"])
    pair = Resources(gpu=2)
    first = machine.allocate(pair)
    assert first.gpus == ("0", "1")
    assert machine.allocate(pair) is None
    assert machine.allocate(Resources(gpu=1)).gpus == ("2",)


def test_a_trial_beside_the_gpus_is_given_cores_only():
    machine = Machine(1, ["0"])
    allocation = machine.allocate(Resources(gpu=0))
    assert (allocation.gpus, allocation.devices) == ((), ("cpu",))
    assert machine.allocate(Resources(gpu=0)) is None
    assert machine.allocate(Resources(gpu=1)) is not None


def test_no_more_attempts_than_jobs_run_at_once():
    machine = Machine(8, [], jobs=2)
    first = machine.allocate(Resources())
    assert machine.allocate(Resources()) is not None
    assert machine.allocate(Resources()) is None
    machine.release(first)
    assert machine.allocate(Resources()) is not None


def test_a_process_sees_the_devices_of_its_allocation_and_its_threads():
    assert Allocation(("3", "5"), 1.0, 2, 0).environment() == {
        "CUDA_VISIBLE_DEVICES": "3,5",
        "OMP_NUM_THREADS": "2",
        "MKL_NUM_THREADS": "2",
    }
    assert Allocation(("3", "5"), 1.0, 2, 0).devices == ("cuda:0", "cuda:1")
    assert Allocation(("3",), 0.5, 1, 0).devices == ("cuda:0",)
    assert Allocation(None, 2.0, 1, 0).devices == ("cuda:0", "cuda:1")
    assert Allocation(None, 0.3, 1, 0).devices == ("cuda:0",)
    assert Allocation(None, 0.0, 1, 0).devices == ("cpu",)
    assert Allocation((), 1.0, 1, 1).environment()["CUDA_VISIBLE_DEVICES"] == ""


def test_a_trial_that_runs_alone_gets_whole_devices_and_shares_them_with_nobody():
    machine = Machine(8, ["0", "1"])
    half = Resources(gpu=0.5)
    beside = machine.allocate(half)
    alone = machine.allocate(half, alone=True)
    assert (beside.gpus, alone.gpus, alone.share) == (("0",), ("1",), 1.0)
    assert machine.allocate(half, alone=True) is None
    machine.release(alone)
    assert machine.allocate(half, alone=True).gpus == ("1",)


def test_a_trial_that_runs_alone_without_a_gpu_holds_every_core_but_keeps_its_threads():
    machine = Machine(4, [])
    alone = machine.allocate(Resources(cpu=1), alone=True)
    assert (alone.cpus, alone.held_cpus) == (1, 4)
    assert machine.allocate(Resources(cpu=1)) is None
    machine.release(alone)
    assert machine.allocate(Resources(cpu=4)) is not None


def test_a_device_is_set_aside_after_three_early_deaths_in_a_row_and_said_so_once():
    machine = Machine(8, ["0", "1"])
    one = Resources(gpu=1)
    bad, good = machine.allocate(one), machine.allocate(one)
    deaths = [machine.note_end(bad, failed=True, lived_s=9.9) for _ in range(4)]
    assert deaths == [[], [], ["0"], []]
    machine.release(bad)
    machine.release(good)
    assert [machine.allocate(one).gpus, machine.allocate(one)] == [("1",), None]
    assert machine.can_ever(one)
    assert not machine.can_ever(Resources(gpu=2))


@pytest.mark.parametrize("between", [{"failed": False, "lived_s": 1.0}, {"failed": True, "lived_s": 10.0}])
def test_deaths_that_are_late_or_not_in_a_row_set_no_device_aside(between):
    machine = Machine(8, ["0"])
    allocation = machine.allocate(Resources(gpu=0.5))
    for _ in range(5):
        for end in (between, {"failed": True, "lived_s": 1.0}, {"failed": True, "lived_s": 1.0}):
            assert machine.note_end(allocation, **end) == []
    assert machine.can_ever(Resources(gpu=1))


@pytest.mark.parametrize(
    ("machine", "resources", "slots_there"),
    [
        (Machine(8, []), Resources(cpu=3), 2),
        (Machine(2, []), Resources(cpu=3), 1),
        (Machine(8, ["0", "1"]), Resources(), 2),
        (Machine(8, ["0", "1"]), Resources(gpu=0.3), 6),
        (Machine(8, ["0", "1", "2"]), Resources(gpu=2), 1),
        (Machine(8, ["0", "1"]), Resources(gpu=0), 8),
        (Machine(8, ["0", "1"], jobs=1), Resources(gpu=0.3), 1),
    ],
)
def test_how_many_trials_run_at_once(machine, resources, slots_there):
    assert machine.slots(resources) == slots_there


def test_what_can_never_be_allocated_is_refused_with_what_there_is():
    machine = Machine(2, ["0"])
    machine.check(Resources(gpu=1, cpu=2), "a")
    with pytest.raises(SelectionError) as caught:
        machine.check(Resources(gpu=2), "a")
    assert str(caught.value) == (
        "sweeps.a.resources: a trial wants 2 GPUs, and this machine has 1; lower `gpu`, or name the devices with --gpus"
    )
    with pytest.raises(SelectionError, match="a trial wants 3 cores, and this machine has 2"):
        machine.check(Resources(cpu=3), "a")
    with pytest.raises(SelectionError, match=r"a trial wants 0\.5 GPU, and this machine has 0"):
        Machine(2, []).check(Resources(gpu=0.5), "a")


def test_an_inventory_by_hand_is_taken_as_it_is_and_a_device_counts_once():
    assert find_machine("0, 2,0", 3).gpus == ("0", "2")
    assert find_machine("", None).gpus == ()
    assert find_machine("GPU-1b2c", None).gpus == ("GPU-1b2c",)


@pytest.mark.parametrize(("asked", "given"), [("", "0"), (" , ", "0"), (None, ""), (None, "-1")])
def test_where_no_gpu_is_wanted_the_driver_is_not_asked(asked, given, fake_nvml, monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", given)
    fake_nvml.nvmlInit = None  # calling it is an error
    assert find_machine(asked, None).gpus == ()


@pytest.mark.parametrize("given", [given for given in SPELLINGS if ", M" not in given])
def test_torch_counts_the_same_devices(given, monkeypatch):
    torch = pytest.importorskip("torch", reason="`make versions` installs no torch")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", given)
    assert [str(device) for device in torch.cuda._parse_visible_devices()] == SPELLINGS[given]


@pytest.mark.parametrize("given", SPELLINGS)
def test_a_trial_is_told_cuda_where_it_will_see_a_device_and_nowhere_else(given, monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", given)
    allocation = find_machine(None, None).allocate(Resources())
    assert allocation.devices == (("cuda:0",) if SPELLINGS[given] else ("cpu",))
    assert allocation.environment()["CUDA_VISIBLE_DEVICES"] == ",".join(SPELLINGS[given][:1])


def test_trials_are_packed_by_memory_and_the_larger_device_takes_more():
    machine = Machine(8, ["0", "1"], memory={"0": 20 * G, "1": 40 * G})
    eight = Resources(gpu_mem=8 * G)
    assert machine.slots(eight) == 7
    allocations = [machine.allocate(eight) for _ in range(7)]
    assert sorted(allocation.gpus for allocation in allocations) == [("0",)] * 2 + [("1",)] * 5
    assert machine.allocate(eight) is None
    machine.release(allocations[0])
    assert machine.allocate(Resources(gpu_mem=13 * G)) is None
    assert machine.allocate(Resources(gpu_mem=12 * G)).gpus == ("0",)


def test_a_trial_that_died_of_its_neighbours_gets_its_device_alone():
    machine = Machine(8, ["0"], memory={"0": 20 * G})
    assert machine.allocate(Resources(gpu_mem=8 * G), alone=True).share == 1
    assert machine.allocate(Resources(gpu_mem=8 * G)) is None


@pytest.mark.parametrize(
    ("gpus", "memory", "said"),
    [
        (
            ["0"],
            {"0": 20 * G},
            "a trial wants 24G of a GPU's memory, and its largest GPU has 20G; lower `gpu_mem`",
        ),
        (["0"], {}, "how much its GPUs have is not known; say `gpu: 0.5` or so in place of `gpu_mem`"),
        ([], {}, "a trial wants 1 GPU, and this machine has 0; leave out `gpu_mem`"),
    ],
)
def test_memory_that_no_device_has_is_refused(gpus, memory, said):
    machine = Machine(8, gpus, memory=memory)
    with pytest.raises(SelectionError, match=re.escape(said)):
        machine.check(Resources(gpu_mem=24 * G), "a")
    assert machine.allocate(Resources(gpu_mem=24 * G)) is None
    assert not machine.can_ever(Resources(gpu_mem=24 * G))


def test_a_cluster_shares_no_gpu_by_memory():
    with pytest.raises(
        SelectionError, match=r"sweeps\.a\.resources: `gpu_mem` shares GPUs of this machine only"
    ):
        Quota(lambda _: 8, 0.0, None, "no more").check(Resources(gpu_mem=G), "a")


def test_a_device_that_others_use_is_left_to_them_until_they_have_ended(fake_nvml):
    fake_nvml.device(0)
    busy = fake_nvml.device(1, pids={4242: 8_200_000_000})
    now_s = [0.0]
    machine = Machine(8, ["0", "1"], others=Others(Nvml.open(), clock=lambda: now_s[0]))
    assert machine.allocate(Resources()).gpus == ("0",)
    assert machine.allocate(Resources()) is None
    (told,) = machine.news()
    assert told.startswith("GPU 1 is left alone while others use it: pid 4242")
    assert told.endswith("8.2 GB; `--gpus 1` uses it all the same")
    busy.pids.clear()
    assert machine.allocate(Resources()) is None  # asked a moment ago
    now_s[0] += 60
    assert machine.can_ever(Resources())
    assert machine.allocate(Resources()).gpus == ("1",)
    assert machine.news() == []


def test_own_trials_are_nobody_else(fake_nvml):
    device = fake_nvml.device(0)
    machine = Machine(8, ["0"], others=Others(Nvml.open(), clock=lambda: 0.0))
    half = Resources(gpu=0.5)
    assert machine.allocate(half).gpus == ("0",)
    device.pids[4242] = 1
    assert machine.allocate(half).gpus == ("0",)


def test_the_notebook_that_it_was_started_from_is_nobody_else(fake_nvml):
    fake_nvml.device(0, pids={os.getpid(): G, os.getppid(): G})
    machine = Machine(8, ["0"], others=Others(Nvml.open()))
    assert machine.allocate(Resources()).gpus == ("0",)


@pytest.mark.parametrize(("gpus", "free"), [(None, ["1"]), ("0,1", ["0", "1"]), ("0", ["0"]), ("", [])])
def test_devices_named_by_hand_are_taken_whoever_uses_them(gpus, free, fake_nvml, monkeypatch):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    fake_nvml.device(0, pids={4242: 8 * G})
    fake_nvml.device(1)
    machine = find_machine(gpus, None)
    found = [machine.allocate(Resources(gpu=1)) for _ in free]
    assert [allocation.gpus[0] for allocation in found] == free
    assert machine.allocate(Resources(gpu=1)) is None


def test_a_quota_gives_what_fits_whatever_the_mixture():
    quota = Quota(lambda wanted: 8 // wanted.cpu, 0.0, None, "no more")
    small, large = Resources(cpu=1), Resources(cpu=4)
    allocations = [quota.allocate(large), *(quota.allocate(small) for _ in range(4))]
    assert None not in allocations
    assert quota.allocate(small) is None
    quota.release(allocations[0])
    assert quota.slots(large) == 2
    assert quota.allocate(large).cpus == 4


def test_a_quota_follows_the_nodes_that_come_and_go():
    nodes = [2]
    quota = Quota(lambda wanted: sum(nodes) // wanted.cpu, 0.0, None, "no more")
    held = [quota.allocate(Resources()) for _ in range(2)]
    nodes.clear()
    quota.release(held.pop())
    assert quota.allocate(Resources()) is None
    assert quota.can_ever(Resources())
    nodes.append(4)
    assert quota.allocate(Resources()) is not None


def test_jobs_stand_above_what_fits():
    quota = Quota(lambda _: 0, 0.0, 2, "no more")
    quota.check(Resources(gpu=1), "a")
    assert [quota.allocate(Resources(gpu=1)) is None for _ in range(3)] == [False, False, True]


def test_a_trial_that_no_node_can_hold_is_refused_by_a_quota():
    quota = Quota(lambda _: 0, 1.0, None, "no node has as much; lower them")
    with pytest.raises(
        SelectionError, match=r"sweeps\.a\.resources: a trial wants 1 GPU and 1 core, and no node has"
    ):
        quota.check(Resources(), "a")


def test_devices_that_an_executor_names_are_left_to_its_environment():
    allocation = Quota(lambda _: 4, 0.0, None, "no more").allocate(Resources(gpu=0.25, cpu=2), alone=True)
    assert (allocation.gpu, allocation.devices) == (1.0, ("cuda:0",))
    assert allocation.environment() == {"OMP_NUM_THREADS": "2", "MKL_NUM_THREADS": "2"}


def test_of_unlike_gpus_in_cudas_own_order_cuda_tells_which_is_which(fake_nvml, monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1,0")
    monkeypatch.delenv("CUDA_DEVICE_ORDER", raising=False)
    fast = fake_nvml.device(0, model="H200", pids={2**22 + 1: G})
    slow = fake_nvml.device(1, model="L4", total=8 * G)
    monkeypatch.setattr(slots, "visible_uuids", lambda: [slow.uuid, fast.uuid])
    machine = find_machine(None, None)
    machine.check(Resources(gpu_mem=16 * G), "a")
    assert machine.allocate(Resources(gpu_mem=16 * G)) is None  # the only one so large is in use
    assert machine.allocate(Resources(gpu_mem=8 * G)).environment()["CUDA_VISIBLE_DEVICES"] == slow.uuid


def test_of_unlike_gpus_in_cudas_own_order_nothing_is_assumed(fake_nvml, monkeypatch):
    monkeypatch.setattr(slots, "visible_uuids", lambda: None)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1")
    monkeypatch.delenv("CUDA_DEVICE_ORDER", raising=False)
    fake_nvml.device(0, model="H200")
    fake_nvml.device(1, model="L4", pids={2**22 + 1: G})
    machine = find_machine(None, None)
    assert machine.allocate(Resources()).gpus == ("1",)
    with pytest.raises(SelectionError, match="how much its GPUs have is not known"):
        machine.check(Resources(gpu_mem=G), "a")
    monkeypatch.setenv("CUDA_DEVICE_ORDER", "PCI_BUS_ID")
    assert find_machine(None, None).allocate(Resources()) is None


def test_a_share_is_taken_of_a_gpu_where_there_is_one_and_of_nothing_elsewhere():
    eighth = Resources(gpu_share=0.125)
    with_gpu, without = Machine(2, ["0"]), Machine(2, [])
    for machine in (with_gpu, without):
        machine.check(eighth, "a")
    allocation = with_gpu.allocate(eighth)
    assert (allocation.gpus, allocation.share, allocation.devices) == (("0",), 0.125, ("cuda:0",))
    assert with_gpu.slots(eighth) == 8
    assert with_gpu.allocate(eighth, alone=True) is None, "another runs there"
    with_gpu.release(allocation)
    assert with_gpu.allocate(eighth, alone=True).share == 1
    assert without.allocate(eighth) == Allocation((), 1.0, 1, 1)
    assert without.slots(eighth) == 2
    assert [Quota(lambda _: 8, gpus, None, "").resolve(eighth).gpu for gpus in (1.0, 0.0)] == [0.125, 0]


def test_a_shared_attempt_may_have_its_part_of_the_memory_that_is_left(fake_nvml, monkeypatch):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    fake_nvml.device(0, used=4 * G)  # the driver's own
    fake_nvml.device(1, parts=[Device("MIG-a", 5 * G)])
    machine = find_machine(None, None)
    assert machine.uuids == {"0": "GPU-000-000"}, "no MIG part is served"
    assert machine.memory_for("0", Resources(gpu=0.125)) == 2 * G
    assert machine.memory_for("0", Resources(gpu=0.9, gpu_mem=5 * G)) == 5 * G
    assert machine.memory_for("7", Resources(gpu=0.5)) is None


def test_what_else_there_is_to_tell_of_devices_is_told_once():
    machine = Machine(1, ["0"])
    for _ in range(2):
        machine.say("shared")
    assert [machine.news(), machine.news()] == [["shared"], []]
    machine.say("shared")
    machine.say("used by ann", "0")
    machine.say("used by bob", "0")
    assert machine.news() == ["used by ann"]
