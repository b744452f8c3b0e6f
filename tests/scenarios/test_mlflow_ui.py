"""MLflow's UI as `sweep ui` opens it, in a real browser: what a user sees without configuring anything.

Set SWEEP_SCREENSHOTS to a folder to keep what the browser showed.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from analysis.read.outcomes import Outcome
from analysis.read.record import Record
from analysis.read.tags import NOTE
from analysis.report.links import RunLinks
from sweeps.record.ledger import Ledger
from sweeps.rundir.journal import JournalWriter
from sweeps.rundir.paths import RunPaths
from sweeps.rundir.trainer_manifest import Data, Model
from tests.servers import CHROMIUM, free_port, wait_until_healthy

EPOCHS, PATIENCE_MS = 12, 60_000
TRIALS = {"Cyclical-tfr0.0": 0.0, "Cyclical-tfr0.5": 0.5, "Cyclical-tfr1.0": 1.0}
SPEC = "experiment: toy\ntrainer: toy:train\nsweeps: {study: {grid: {tfr: [0.0, 0.5, 1.0]}}}\n"
OWN_TROUBLE = ("ResizeObserver loop", "status of 404")
"""Errors that MLflow's pages print whatever is recorded: the latter of a request for an icon or a setting."""

pytestmark = [
    pytest.mark.extra,
    pytest.mark.timeout(900),
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium here; tests/services/install chromium"),
]


@pytest.fixture(scope="module")
def record(tmp_path_factory, empty_database):
    """A sweep of three trials as the ledger records it, without training."""
    folder = tmp_path_factory.mktemp("ui")
    shutil.copy(empty_database, folder / "mlflow.db")
    (folder / "e.yaml").write_text(SPEC)
    before = Path.cwd()
    os.chdir(folder)  # where MLflow puts artifacts
    try:
        ledger = Ledger.open("sqlite:///mlflow.db", "toy")
        parent = ledger.sweep_run("study", None, {})
        for name, tfr in TRIALS.items():
            write_trial(ledger, parent, name, tfr, RunPaths(folder / name))
        ledger.end(parent, Outcome.FINISHED, "", {NOTE: "The sweep **study**"})
    finally:
        os.chdir(before)
    return folder


def write_trial(ledger, parent, name, tfr, paths):
    config = {"tfr": tfr, "lr": 1e-3}
    run_id = ledger.trial_run(sweep="study", trial=name, fingerprint=name, parent=parent, tags={})
    writer = JournalWriter(paths)
    for epoch in range(EPOCHS):
        loss = 1 / (1 + epoch + tfr)
        writer.metrics({"train/loss": loss, "train/kl": loss / 9, "val/psnr": 20 - loss, "beta": 1}, epoch)
        if epoch % 4 == 0:
            image = Image.new("RGB", (96, 96), (20 * epoch, 80, 120))
            ImageDraw.Draw(image).ellipse((10 + epoch, 10, 60 + epoch, 80), fill="white")
            path = paths.files / f"generated+step+{epoch}.png"
            image.save(path)
            writer.artifact(path)
    for frame in range(1, 20):
        writer.metrics({"frame/psnr": 25 - frame / 4, "frame/psnr_copy_first": 22 - frame / 2}, frame)
    (paths.files / "best.pt").write_text("weights")
    writer.artifact(paths.files / "best.pt")
    writer.close()
    ledger.deliver(run_id, paths, config)
    ledger.dataset(run_id, Data("synthetic-4f1c2d3", "synthetic", ""))
    ledger.model(run_id, name, config, paths, Model("best.pt", EPOCHS - 1))
    ledger.end(run_id, Outcome.FINISHED, "", {NOTE: f"**{name}**, a trial of the sweep *study*: finished."})


@pytest.fixture(scope="module")
def addresses(record):
    """What `sweep ui` prints, while it serves."""
    port = free_port()
    command = [sys.executable, "-m", "sweeps", "ui", "e.yaml", "--port", str(port)]
    environment = os.environ | {"MLFLOW_TRACKING_URI": "sqlite:///mlflow.db"}
    with (record / "ui.log").open("w") as log:
        server = subprocess.Popen(command, cwd=record, env=environment, stdout=log, stderr=subprocess.STDOUT)
        try:
            wait_until_healthy(f"http://127.0.0.1:{port}", server, record / "ui.log")
            while "sweeps: " not in (printed := (record / "ui.log").read_text()):
                assert server.poll() is None, printed
            yield dict(re.findall(r"^([a-z ]+): (http://127\S+)$", printed, re.MULTILINE))
        finally:
            server.send_signal(signal.SIGINT)
            try:
                server.wait(timeout=300)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


@pytest.fixture(scope="module")
def page():
    playwright = pytest.importorskip("playwright.sync_api", reason="no playwright here")
    with playwright.sync_playwright() as started:
        arguments = ["--no-sandbox", "--disable-gpu"]
        browser = started.chromium.launch(executable_path=CHROMIUM, args=arguments)
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.set_default_timeout(PATIENCE_MS)
        # MLflow's assistant takes a third of the window at the first look.
        page.add_init_script("localStorage.setItem('mlflow.assistant.fab.autoOpenedOnFirstLoad_v1', 'true')")
        yield page
        browser.close()


@pytest.fixture
def trouble(page):
    """The errors of the pages that a test looks at."""
    found = []

    def heard(message):
        if message.type == "error" and not any(own in message.text for own in OWN_TROUBLE):
            found.append(message.text)

    def raised(error):
        if not any(own in str(error) for own in OWN_TROUBLE):
            found.append(str(error))

    page.on("console", heard)
    page.on("pageerror", raised)
    yield found
    page.remove_listener("console", heard)
    page.remove_listener("pageerror", raised)


def keep(page, name):
    if folder := os.environ.get("SWEEP_SCREENSHOTS"):
        path = Path(folder, f"{name}.png")
        page.screenshot(path=path)
        with Image.open(path) as image:
            image.convert("RGB").quantize(64).save(path, optimize=True)


def test_the_first_page_has_columns_for_what_varies_and_the_results(page, addresses, trouble):
    assert next(iter(addresses)) == "trials"
    page.goto(addresses["trials"])
    page.get_by_role("link", name="Cyclical-tfr0.5").first.wait_for()
    heads = page.locator("[role='columnheader']").all_inner_texts()
    shown = [head.strip() for head in heads]
    assert [name for name in ("tfr", "train/loss", "val/psnr") if name not in shown] == []
    assert "lr" not in shown
    assert page.get_by_role("link", name="study").count() == 0
    keep(page, "trials")
    assert trouble == []


def test_a_link_of_the_report_opens_the_runs_page(page, addresses, record, trouble):
    uri = f"sqlite:///{record / 'mlflow.db'}"
    found = Record(uri, "toy")
    (run,) = [run for run in found.runs if run.trial == "Cyclical-tfr0.5"]
    port = int(addresses["trials"].partition("/#")[0].rpartition(":")[2])
    link = RunLinks.of(uri, found.experiment_id(), port).to(run.run_id)
    page.goto(link)
    page.get_by_role("heading", name="Cyclical-tfr0.5").first.wait_for()
    page.get_by_text("a trial of the sweep").first.wait_for()
    assert page.url == link
    assert trouble == []


def opened_run(page, addresses, name):
    """Open a trial's page by its name in the charts' list; returns its address."""
    page.goto(addresses["charts of all trials"])
    page.get_by_role("link", name=name).first.click()
    page.get_by_role("heading", name=name).first.wait_for()
    return page.url.partition("?")[0].rstrip("/")


def test_the_sweep_stands_in_the_list_with_its_trials_below(page, addresses, trouble):
    page.goto(addresses["sweeps"])
    page.get_by_role("link", name="study").first.wait_for()
    assert page.get_by_role("link", name="Cyclical-tfr0.5").count() == 0
    page.locator(".ag-cell svg").first.wait_for()
    page.locator("[data-testid='group-expander'], .ag-cell button:has(svg)").first.click()
    page.get_by_role("link", name="Cyclical-tfr0.5").first.wait_for()
    keep(page, "runs")
    assert trouble == []


def test_the_charts_of_all_trials_are_drawn(page, addresses, trouble):
    page.goto(addresses["charts of all trials"])
    page.locator(".js-plotly-plot .scatterlayer .trace").first.wait_for()
    keep(page, "charts")
    assert trouble == []


def test_a_trial_shows_its_note_dataset_and_model(page, addresses, trouble):
    opened_run(page, addresses, "Cyclical-tfr0.5")
    page.get_by_text("a trial of the sweep").first.wait_for()
    page.get_by_text("synthetic").first.wait_for()
    page.get_by_text("Cyclical-tfr0_5").first.wait_for()
    keep(page, "trial")
    assert trouble == []


def test_artifacts_can_be_looked_at(page, addresses, trouble):
    page.goto(f"{opened_run(page, addresses, 'Cyclical-tfr0.5')}/artifacts?workflowType=machine_learning")
    page.get_by_text("best.pt").first.wait_for()
    page.get_by_text("images").first.wait_for()
    keep(page, "artifacts")
    assert trouble == []


def test_a_trials_charts_stand_in_groups_and_its_pictures_follow_the_epochs(page, addresses, trouble):
    page.set_viewport_size({"width": 1280, "height": 2600})  # what cannot be seen is not drawn
    page.goto(f"{opened_run(page, addresses, 'Cyclical-tfr0.5')}/model-metrics?workflowType=machine_learning")
    page.locator("img[src*='get-artifact'][src*='generated']").first.wait_for()
    page.locator(".js-plotly-plot .scatterlayer .trace").first.wait_for()
    shown = page.locator("body").inner_text()
    assert re.findall(r"^(frame|train|val) ?\n?\(\d\)", shown, re.MULTILINE) == ["frame", "train", "val"]
    keep(page, "charts-of-a-trial")
    page.set_viewport_size({"width": 1280, "height": 800})
    assert trouble == []
