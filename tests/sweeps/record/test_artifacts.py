"""Artifacts on a real sqlite store: images of an epoch, and files that only look like one."""

import numpy as np
import pytest
from PIL import Image

from sweeps.record.store.known import known_schema
from sweeps.rundir.journal import JournalWriter
from tests.sweeps.rundir.artifacts.test_step_images import MLFLOW_NAME


def hand_over(run, name, save):
    path = run.paths.files / name
    save(path)
    writer = JournalWriter(run.paths)
    writer.artifact(path)
    writer.close()


@pytest.mark.skipif(
    known_schema() is None, reason="another MLflow's client names pictures otherwise; its UI reads both names"
)
def test_a_picture_of_an_epoch_becomes_a_step_of_mlflows_series(run):
    hand_over(run, "generated+step+3.png", Image.new("RGB", (40, 30)).save)
    run.deliver()
    ours = run.artifacts("images")
    assert run.client.get_run(run.id).data.tags["mlflow.loggedImages"] == "True"
    run.client.log_image(run.id, np.zeros((30, 40, 3), np.uint8), key="generated", step=3)
    theirs = sorted(set(run.artifacts("images")) - set(ours))
    shapes = [
        {MLFLOW_NAME.fullmatch(path.removeprefix("images/")).group(1, 2, 4) for path in paths}
        for paths in (ours, theirs)
    ]
    assert shapes[0] == shapes[1] == {("generated", "3", ".png"), ("generated", "3", "+compressed.webp")}
    assert list(run.paths.outbox.iterdir()) == []


def test_a_picture_is_sent_once_whichever_attempt_draws_it_and_whoever_delivers(run):
    for _ in range(2):
        hand_over(run, "generated+step+3.png", Image.new("RGB", (4, 4)).save)
    outbox = run.paths.outbox
    kept = {path.name: path.read_bytes() for path in outbox.iterdir()}
    run.deliver()
    for name, content in kept.items():  # as if the supervisor had died before it noted the delivery
        (outbox / name).write_bytes(content)
    run.paths.delivered.unlink()
    run.deliver()
    assert len(run.artifacts("images")) == 2


def test_a_file_that_only_has_the_name_of_a_picture_is_stored_as_it_is(run):
    hand_over(run, "generated+step+3.png", lambda path: path.write_text("no picture"))
    run.deliver()
    assert run.artifacts() == ["generated+step+3.png"]
    assert [path for path in run.paths.outbox.rglob("*") if path.is_file()] == []
