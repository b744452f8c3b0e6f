import json

from sweeps.hooks.event import Event

FAILED = Event(
    "failed",
    "toy",
    "e.yaml",
    "failed",
    sweep="a",
    trial="x1",
    reason="oom",
    run_id="7f",
    attempt=2,
    counts={"failed": 1},
)


def test_an_event_is_one_line_for_people_and_variables_for_a_command():
    assert FAILED.text == "a/x1: failed (oom); 1 failed"
    variables = FAILED.environment()
    assert variables["SWEEP_EVENT"] == variables["SWEEP_OUTCOME"] == "failed"
    assert (variables["SWEEP_TRIAL"], variables["SWEEP_ATTEMPT"], variables["SWEEP_RUN_ID"]) == (
        "x1",
        "2",
        "7f",
    )
    assert json.loads(variables["SWEEP_COUNTS"]) == {"failed": 1}
    assert variables["SWEEP_TEXT"] == FAILED.text


def test_an_address_gets_the_same_as_json():
    payload = json.loads(json.dumps(FAILED.payload()))
    assert payload["counts"] == {"failed": 1}
    assert {f"SWEEP_{key.upper()}" for key in payload} == set(FAILED.environment())


def test_the_end_of_a_sweep_is_about_the_experiment():
    done = Event("done", "toy", "e.yaml", "finished", counts={"finished": 3, "abandoned": 1})
    assert done.text == "toy: done; 3 finished, 1 abandoned"
