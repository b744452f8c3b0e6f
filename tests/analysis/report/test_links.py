from dataclasses import replace

import pytest

from analysis.report.links import RunLinks, ui_ports


@pytest.mark.parametrize(
    ("tracking_uri", "page"),
    [
        (
            "sqlite:///mlflow.db",
            "http://127.0.0.1:5000/#/experiments/7/runs/r1?workflowType=machine_learning",
        ),
        ("http://host:5000", "http://host:5000/#/experiments/7/runs/r1?workflowType=machine_learning"),
        ("https://host/mlflow/", "https://host/mlflow/#/experiments/7/runs/r1?workflowType=machine_learning"),
        (
            "https://me:secret@host/mlflow",
            "https://host/mlflow/#/experiments/7/runs/r1?workflowType=machine_learning",
        ),
    ],
)
def test_a_link_leads_to_the_servers_ui_or_to_the_local_one_and_has_no_password(tracking_uri, page):
    assert RunLinks.of(tracking_uri, "7").to("r1") == page


def test_only_a_local_store_needs_sweep_ui():
    assert RunLinks.of("sqlite:///mlflow.db", "7").ports == {"sqlite:///mlflow.db": 5000}
    assert RunLinks.of("http://host:5000", "7").ports == {}


def test_each_local_store_has_a_port_of_its_own():
    ports = ui_ports(["sqlite:///a.db", "http://host:5000", "sqlite:///b.db"])
    assert ports == {"sqlite:///a.db": 5000, "sqlite:///b.db": 5001}
    assert (
        RunLinks.of("sqlite:///b.db", "7", 5001).to("r1")
        == "http://127.0.0.1:5001/#/experiments/7/runs/r1?workflowType=machine_learning"
    )


def test_a_run_of_another_record_leads_to_its_own_ui():
    links = replace(
        RunLinks.of("sqlite:///mlflow.db", "7"), elsewhere={"r2": "http://host:5000/#/experiments/3"}
    )
    assert (links.to("r1"), links.to("r2")) == (
        "http://127.0.0.1:5000/#/experiments/7/runs/r1?workflowType=machine_learning",
        "http://host:5000/#/experiments/3/runs/r2?workflowType=machine_learning",
    )
