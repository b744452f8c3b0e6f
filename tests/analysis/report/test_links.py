from dataclasses import replace

import pytest

from analysis.report.links import RunLinks


@pytest.mark.parametrize(
    ("tracking_uri", "page"),
    [
        ("sqlite:///mlflow.db", "http://127.0.0.1:5000/#/runs/r1"),
        ("http://host:5000", "http://host:5000/#/runs/r1"),
        ("https://host/mlflow/", "https://host/mlflow/#/runs/r1"),
        ("https://me:secret@host/mlflow", "https://host/mlflow/#/runs/r1"),
    ],
)
def test_a_link_leads_to_the_servers_ui_or_to_the_local_one_and_has_no_password(tracking_uri, page):
    assert RunLinks.of(tracking_uri).to("r1") == page


def test_only_a_local_store_needs_sweep_ui():
    assert RunLinks.of("sqlite:///mlflow.db").needs_sweep_ui
    assert not RunLinks.of("http://host:5000").needs_sweep_ui


def test_a_run_of_another_record_leads_to_its_own_ui():
    links = replace(RunLinks.of("sqlite:///mlflow.db"), elsewhere={"r2": "http://host:5000"})
    assert (links.to("r1"), links.to("r2")) == (
        "http://127.0.0.1:5000/#/runs/r1",
        "http://host:5000/#/runs/r2",
    )
