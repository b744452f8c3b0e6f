from pathlib import Path

import yaml

from sweeps.sources.proposals.left_files import LeftFile
from sweeps.sources.proposals.printed import printed_forms
from sweeps.sources.proposals.suggestion import suggestion

RUN_DIR = Path("/runs/r/files")


def suggested(forms=(), inside=(), outside=()):
    """What the suggested lines say, as YAML reads them."""
    lines = suggestion(forms, inside, outside, RUN_DIR)
    return yaml.safe_load("trainer:\n" + "\n".join(lines))["trainer"]


def test_nothing_is_suggested_for_a_program_that_leaves_nothing():
    assert suggestion((), (), (), RUN_DIR) == []


def test_what_is_printed_is_read_by_its_pattern_and_step():
    forms = printed_forms(f"it's step {n}: loss {n / 3}" for n in range(5))
    (source,) = suggested(forms)["metrics"]
    assert source == {"stdout": forms[0].pattern}
    (source,) = suggested(printed_forms(f"epoch {n} loss {n / 3}" for n in range(5)))["metrics"]
    assert source["step"] == "epoch"


def test_a_share_is_derived_of_its_numbers():
    (source,) = suggested(printed_forms(f"epoch {n} acc {n}/9" for n in range(5)))["metrics"]
    assert (source["step"], source["derive"]) == ("epoch", {"acc": "correct / n"})


def test_each_pattern_is_suggested_once_with_its_own_step():
    lines = [text for n in range(4) for text in (f"a err {n / 3}", f"b err {n / 7}{' *' * (n % 2)}")]
    found = suggested(printed_forms(lines))["metrics"]
    assert len({source["stdout"] for source in found}) == len(found) == 2
    assert [source["step"] for source in found] == ["count", "count"]


def test_what_leads_others_is_suggested_before_them():
    lines = [
        text for n in range(3) for text in (f"Epoch {n}", f"err {n / 3}", f"err {n / 5}", f"gap {n / 9}")
    ]
    assert suggested(printed_forms(lines))["metrics"] == [
        {"stdout": r"Epoch\s+(?P<epoch>\d+)", "step": "epoch"},
        {"stdout": r"err\s+(?P<err>[-+.\w]+)", "several": "all"},
        {"stdout": r"gap\s+(?P<gap>[-+.\w]+)", "step": "carried"},
    ]


def test_a_file_in_the_runs_directory_is_named_below_it():
    inside = [
        LeftFile("csv", RUN_DIR / "m.csv"),
        LeftFile("csv", RUN_DIR / "version_0" / 'odd {n} "name" [1].csv'),
        LeftFile("json", RUN_DIR / "checkpoint-5" / "trainer_state.json", at="log_history"),
        LeftFile("tensorboard", RUN_DIR / "a" / "events.out.tfevents.1"),
        LeftFile("tensorboard", RUN_DIR / "b" / "events.out.tfevents.2"),
        LeftFile("wandb", RUN_DIR / "wandb" / "run-1.wandb"),
    ]
    said = suggested(inside=inside)
    assert "cwd" not in said
    assert said["metrics"] == [
        {"csv": "{run_dir}/m.csv"},
        {"csv": '{run_dir}/**/odd {{n}} "name" [[]1].csv'},
        {"json": "{run_dir}/**/trainer_state.json", "at": "log_history"},
        {"tensorboard": "{run_dir}/**"},
        {"wandb": "{run_dir}/**"},
    ]


def test_a_file_elsewhere_asks_for_a_directory_of_its_own():
    said = suggested(outside=[LeftFile("csv", Path("/elsewhere/logs/m.csv"))])
    assert said == {"cwd": "{run_dir}", "metrics": [{"csv": "{run_dir}/**/m.csv"}]}


def test_the_table_of_lightning_is_read_by_epoch():
    columns = ("epoch", "step", "val_loss")
    inside = [
        LeftFile("csv", RUN_DIR / "logs" / "version_0" / "metrics.csv", columns),
        LeftFile("csv", RUN_DIR / "mine" / "metrics2.csv", columns),
    ]
    assert suggested(inside=inside)["metrics"] == [
        {"csv": "{run_dir}/**/metrics.csv", "step": "epoch"},
        {"csv": "{run_dir}/**/metrics2.csv"},
    ]


def test_the_steps_of_a_table_with_a_time_are_counted_by_it():
    inside = [
        LeftFile("csv", RUN_DIR / "e.dat", ("t", "energy"), step="round(t / 0.2)"),
        LeftFile("json", RUN_DIR / "r.json", ("t", "energy"), "rows", "t"),
    ]
    assert suggested(inside=inside)["metrics"] == [
        {"csv": "{run_dir}/e.dat", "step": "round(t / 0.2)"},
        {"json": "{run_dir}/r.json", "at": "rows", "step": "t"},
    ]
