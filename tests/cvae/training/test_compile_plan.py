import pytest

from cvae.config import parse_config
from cvae.training.compile_plan import COLD_S, MARGIN, WARM_S, ToCome, decide_compile
from cvae.training.epoch_plan import EpochPlan
from cvae.training.steps import steps_in, steps_to_come
from tests.cvae.runs import SETTINGS

LONG = ToCome(forced_steps=0, free_steps=1463 * 60, predicted_frames=15)
SHORT = ToCome(forced_steps=220, free_steps=220, predicted_frames=3)


def decided(to_come, device="cuda", *, is_cached=False, **settings):
    return decide_compile(parse_config(settings), device, to_come, is_cached=is_cached)


@pytest.mark.parametrize(
    ("to_come", "settings", "compiled"),
    [
        (LONG, {}, True),
        (SHORT, {}, False),
        (LONG, {"cuda_graph": "off"}, True),
        (LONG, {"deterministic": True}, False),
        (LONG, {"compile": False}, False),
        (SHORT, {"compile": True}, True),
        (ToCome(0, 0, 15), {}, False),
    ],
)
def test_a_network_is_compiled_on_a_gpu_where_the_steps_to_come_are_worth_it(to_come, settings, compiled):
    assert decided(to_come, **settings).compiled is compiled


@pytest.mark.parametrize(("wish", "compiled"), [("auto", False), (True, True), (False, False)])
def test_on_a_cpu_a_network_is_compiled_only_on_request(wish, compiled):
    assert decided(LONG, "cpu", compile=wish).compiled is compiled


def test_more_steps_never_turn_a_yes_into_a_no():
    found = [decided(ToCome(steps, 0, 15)).compiled for steps in range(0, 100_000, 1000)]
    assert found == sorted(found)
    assert set(found) == {True, False}


def test_what_another_process_has_compiled_pays_earlier():
    least_s = {True: MARGIN * WARM_S, False: MARGIN * COLD_S}
    for is_cached, cost_s in least_s.items():
        enough = int(cost_s / 3.8e-3) + 1
        assert decided(ToCome(enough, 0, 15), is_cached=is_cached).compiled
        assert not decided(ToCome(enough - 2, 0, 15), is_cached=is_cached).compiled


def test_steps_of_two_kinds_are_compiled_twice():
    enough = int(MARGIN * COLD_S / 3.8e-3) + 1
    assert decided(ToCome(enough, 0, 15)).compiled
    assert not decided(ToCome(enough, 1, 15)).compiled


def test_the_reason_has_the_numbers():
    assert str(decided(LONG)) == (
        "compiled: 0 teacher-forced and 87780 free-running steps save about 1282 s, and compiling takes about 65 s"
    )
    assert str(decided(SHORT, is_cached=True)) == (
        "not compiled: 220 teacher-forced and 220 free-running steps save about 1 s, "
        "and compiling takes about 44 s from the cache"
    )
    assert str(decided(LONG, "cpu")) == "not compiled: on a CPU compiled steps are no faster"
    assert str(decided(LONG, compile=True)) == "compiled: compile is true"


def test_the_work_to_come_is_that_of_the_epochs_from_the_next_one_on():
    config = parse_config({**SETTINGS, "fast_train": True, "fast_train_epoch": 1, "fast_partial": 0.5})
    for epoch in range(config.num_epoch + 1):
        to_come = ToCome.of(config, epoch, 12)
        plans = [EpochPlan.of(config, later) for later in range(epoch, config.num_epoch)]
        counts = {
            kind: sum(steps_in(config, plan, 12) for plan in plans if plan.teacher_forcing == kind)
            for kind in (True, False)
        }
        assert (to_come.forced_steps, to_come.free_steps) == (counts[True], counts[False])
        assert to_come.predicted_frames == config.train_vi_len - 1
        if plans:
            assert counts[plans[0].teacher_forcing] == steps_to_come(config, plans[0], 12)
