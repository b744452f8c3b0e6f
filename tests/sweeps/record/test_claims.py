"""Who may train a trial, where several `sweep run`s share a store: on a real store, with real processes."""

import contextlib
import json
import os
import subprocess
import sys
import time
from functools import partial

import pytest
from mlflow.entities import ViewType

from analysis.read import tags
from analysis.results.searches.prunings import Pruning, PruningSearch, prunings_text
from sweeps.record import claims
from sweeps.record.claims import Held, Left, Settled
from sweeps.record.ledger import Ledger
from sweeps.rundir.lease import LEASE_S, owner_tag
from sweeps.rundir.process_identity import ProcessIdentity, this_process
from tests.project import DEADLINE_S

CLAIMANT = """
import sys
from sweeps.record.ledger import Ledger
from sweeps.rundir.lease import owner_tag
ledger = Ledger.open(sys.argv[1], "toy")
print("ready", flush=True)
for line in open(sys.argv[2]):
    name = line.strip()
    create = lambda: ledger.trial_run(sweep="s", trial=name, fingerprint=name, parent="p", tags={"sweeps.owner": owner_tag()})
    taken = ledger.claims.take_new(name, create)
    print(taken if isinstance(taken, str) else type(taken).__name__, flush=True)
"""


@pytest.fixture
def other():
    """The identity of another process of this machine, which lives."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        import psutil

        here = this_process()
        yield ProcessIdentity(here.host, here.boot, process.pid, psutil.Process(process.pid).create_time())
        process.kill()


def gone():
    here = this_process()
    return ProcessIdentity(here.host, here.boot, here.pid, here.start_s - 1000)


OWN = "lr0.5"
"""The fingerprint of the run that every test has."""
ELSEWHERE = ProcessIdentity("another-host", "boot", 7, 1_700_000_000.0)


def text(owner):
    return json.dumps(owner.to_json())


def create(run, fingerprint="f", owner=None, parent="p"):
    owner = owner_tag() if owner is None else text(owner)
    return run.ledger.trial_run(
        sweep="s", trial="x", fingerprint=fingerprint, parent=parent, tags={tags.OWNER: owner}
    )


def end(run, run_id, outcome="FINISHED"):
    run.client.set_tag(run_id, tags.OUTCOME, outcome.lower())
    run.client.set_terminated(run_id, outcome)


def take(run, fingerprint="g", **more):
    return run.ledger.claims.take_new(fingerprint, partial(create, run, fingerprint), **more)


def active(run, fingerprint="g"):
    found = run.client.search_runs(["1"], f"tags.`{tags.FINGERPRINT}` = '{fingerprint}'")
    return [each.info.run_id for each in found]


def test_of_two_that_begin_at_the_same_moment_one_has_the_trial(run, warm_sweep, tmp_path):
    place = {"directory": tmp_path, "environment": dict(os.environ), "code": CLAIMANT}
    names = [str(tmp_path / name) for name in ("one", "two")]
    for name in names:
        os.mkfifo(name)
    two = [warm_sweep.start(run.ledger.uri, name, **place) for name in names]
    assert [each.stdout.readline() for each in two] == ["ready\n", "ready\n"]
    with contextlib.ExitStack() as stack:
        orders = [stack.enter_context(open(name, "w", buffering=1)) for name in names]  # noqa: PTH123
        for round_ in range(12):
            for order in orders:
                order.write(f"t{round_}\n")
            answers = [each.stdout.readline().strip() for each in two]
            (taken,) = [answer for answer in answers if answer != "Held"]
            assert active(run, f"t{round_}") == [taken]
    for each in two:
        assert each.communicate(DEADLINE_S) == ("", None)


def test_a_trial_that_a_living_process_has_is_held_and_leaves_no_second_run(run, other):
    its = create(run, "g", other)
    held = take(run)
    assert isinstance(held, Held)
    assert (held.run.run_id, f"pid {other.pid}" in held.by) == (its, True)
    assert active(run) == [its]
    (withdrawn,) = run.client.search_runs(["1"], run_view_type=ViewType.DELETED_ONLY)
    assert withdrawn.info.status == "KILLED"


def test_what_another_trainer_runs_with_the_same_settings_holds_nothing(run, other):
    its = create(run, "g", other)
    run.client.set_tag(its, tags.TRAINER, "old:train")
    assert isinstance(take(run, trainer="old:train"), Held)
    assert isinstance(take(run), Held)
    assert take(run, trainer="new:train") in active(run)


@pytest.mark.parametrize("status", ["RUNNING", "KILLED"])
def test_a_trial_of_a_dead_process_is_taken(run, status):
    its = create(run, "g", gone())
    if status == "KILLED":
        run.client.set_terminated(its, status)
    assert take(run) in active(run)


@pytest.mark.parametrize(("lease_s", "is_held"), [(LEASE_S, True), (-1, False)])
def test_another_machine_has_a_trial_while_its_lease_lasts(run, lease_s, is_held):
    parent = run.ledger.sweep_run("there", None, ELSEWHERE.to_json())
    run.client.set_tag(parent, tags.LEASE, str(int((time.time() + lease_s) * 1000)))
    create(run, "g", ELSEWHERE, parent)
    assert isinstance(take(run), Held) == is_held


def test_one_that_showed_itself_first_waits_until_the_other_has_withdrawn(run, other, monkeypatch):
    its = []

    def create_late():
        """The other's run has a later start, as where both create theirs at once."""
        mine = create(run, "g")
        its.append(run.client.create_run("1", start_time=int(time.time() * 1000) + 60_000).info.run_id)
        for tag, value in {tags.KIND: "trial", tags.OWNER: text(other), tags.FINGERPRINT: "g"}.items():
            run.client.set_tag(its[0], tag, value)
        return mine

    monkeypatch.setattr(claims.time, "sleep", lambda _: run.client.delete_run(its[0]))
    assert run.ledger.claims.take_new("g", create_late) == active(run)[0]


def test_one_that_does_not_withdraw_keeps_the_trial(run, other, monkeypatch):
    monkeypatch.setattr(claims, "WAIT_S", 0.0)
    create(run, "g", other)
    run.client.set_tag(active(run)[0], tags.FINGERPRINT, "g")
    assert isinstance(take(run), Held)


def test_what_another_finished_meanwhile_is_its_result_and_what_it_finished_before_is_not(run, other):
    its = create(run, "g", other)
    end(run, its)
    settled = take(run)
    assert isinstance(settled, Settled)
    assert (settled.run.run_id, active(run)) == (its, [its])
    run.client.set_terminated(its, "FINISHED", end_time=int(time.time() * 1000) - 60_000)
    assert isinstance(take(run), str)


def test_what_another_is_about_to_end_is_its_own_until_it_has(run, other):
    its = create(run, "g", other)
    run.client.set_tag(its, tags.OUTCOME, "finished")
    held = take(run)
    assert isinstance(held, Held)
    assert held.run.run_id == its


def test_what_ended_before_the_record_was_read_does_not_count_however_long_this_process_runs(run, other):
    end(run, create(run, "g", other))
    run.ledger = Ledger.open(run.ledger.uri, "toy", began_ms=int(time.time() * 1000) + 1)
    assert isinstance(take(run), str)


def test_what_another_job_of_this_process_finished_counts_where_it_says_so(run):
    end(run, create(run, "g"))
    assert isinstance(take(run, after_own=True), Settled)
    assert isinstance(take(run), str)


def test_what_another_search_pruned_meanwhile_goes_on_in_its_run_and_what_its_own_did_is_its_result(
    run, other
):
    its = create(run, "g", other)
    run.client.set_tag(its, tags.PRUNED, prunings_text({"s": Pruning("loss", "min", "median")}))
    end(run, its, "FINISHED")
    run.client.set_tag(its, tags.OUTCOME, "pruned")
    left = take(run)
    assert isinstance(left, Left)
    assert (left.run.run_id, left.run.outcome, active(run)) == (its, "interrupted", [its])
    assert isinstance(take(run, search=PruningSearch("s", "loss", "max")), Left)
    settled = take(run, search=PruningSearch("s", "loss", "min"))
    assert isinstance(settled, Settled)
    assert settled.run.outcome == "pruned"


def again(run, run_id):
    return run.ledger.claims.take_again(
        OWN, run_id, partial(run.ledger.reopen, run_id, {tags.OWNER: owner_tag()})
    )


def claims_on(run, run_id):
    return [tag for tag in run.client.get_run(run_id).data.tags if tag.startswith(tags.CLAIM)]


def test_a_run_that_goes_on_is_taken_and_keeps_no_claim(run):
    run.client.set_terminated(run.id, "KILLED")
    assert again(run, run.id) == {}
    assert run.client.get_run(run.id).info.status == "RUNNING"
    assert claims_on(run, run.id) == []


def test_a_run_that_another_has_taken_up_or_claimed_is_held(run, other):
    run.client.set_terminated(run.id, "KILLED")
    claim = {"owner": other.to_json(), "since_ms": 1, "until_ms": int((time.time() + 99) * 1000)}
    run.client.set_tag(run.id, f"{tags.CLAIM}.other", json.dumps(claim))
    assert isinstance(again(run, run.id), Held)
    assert claims_on(run, run.id) == [f"{tags.CLAIM}.other"]
    assert run.client.get_run(run.id).info.status == "KILLED"
    run.client.delete_tag(run.id, f"{tags.CLAIM}.other")
    create(run, OWN, other)
    assert isinstance(again(run, run.id), Held)


@pytest.mark.parametrize(
    "claim",
    ["", "{}", json.dumps({"owner": gone().to_json(), "since_ms": 1, "until_ms": 1 << 60})],
    ids=["no text", "nobody's", "of a process that is gone"],
)
def test_a_claim_that_nobody_lives_to_keep_holds_nothing(run, claim):
    run.client.set_terminated(run.id, "KILLED")
    run.client.set_tag(run.id, f"{tags.CLAIM}.other", claim)
    assert again(run, run.id) == {}


def test_a_sweep_has_one_supervisor(run, other):
    first = run.ledger.sweep_run("here", None, other.to_json())
    open_run = partial(run.ledger.sweep_run, "here", None, json.loads(owner_tag()))
    assert run.ledger.claims.take_sweep("here", None, open_run).run.run_id == first
    reopen = partial(run.ledger.sweep_run, "here", first, json.loads(owner_tag()))
    assert isinstance(run.ledger.claims.take_sweep("here", first, reopen), Held)
    run.client.set_terminated(first)
    assert run.ledger.claims.take_sweep("here", first, reopen) == first
