import json

from tests.sweeps.specs import run_sweep


def test_explain_says_where_each_value_comes_from(here):
    done = run_sweep("explain", "experiments.yaml", "Cyclical-tfr0.5", "--set", "seed=7", "--json")
    found = json.loads(done.out)
    rows = {row["key"]: (row["value"], row["from"].partition(" ")[2] or row["from"]) for row in found["keys"]}
    assert (done.code, found["trial"]) == (0, "Cyclical-tfr0.5")
    assert rows["tfr"] == (0.5, "(sweeps.tfr-by-annealing.grid)")
    assert rows["tfr_d_step"] == (0.05, "(sweeps.tfr-by-annealing.when.set)")
    assert rows["kl_anneal_ratio"] == (0.5, "(defaults)")
    assert rows["num_epoch"][1] == "(profiles.quick.sweeps.tfr-by-annealing)"
    assert rows["seed"] == (7, "seed=7")
    assert rows["batch_size"] == (2, "trainer's default")
    text = (here / "experiments.yaml").read_text().splitlines()
    place = next(row["from"] for row in found["keys"] if row["key"] == "tfr_d_step").partition(" ")[0]
    file, line, column = place.split(":")
    assert (file, text[int(line) - 1][int(column) - 1 :][:4]) == ("experiments.yaml", "0.05")


def test_explain_of_two_trials_shows_only_what_differs(here):
    arguments = ("explain", "experiments.yaml", "Cyclical-tfr0.5", "tfr-by-annealing/None-tfr1.0")
    done = run_sweep(*arguments, "--json")
    assert json.loads(done.out)["keys"] == [
        {"key": "kl_anneal_type", "Cyclical-tfr0.5": "Cyclical", "None-tfr1.0": "None"},
        {"key": "tfr", "Cyclical-tfr0.5": 0.5, "None-tfr1.0": 1.0},
        {"key": "tfr_d_step", "Cyclical-tfr0.5": 0.05, "None-tfr1.0": 0.1},
    ]
    table = run_sweep(*arguments).out.splitlines()
    assert [line.partition("  fingerprint s1-")[0] for line in table[:2]] == [
        "tfr-by-annealing/Cyclical-tfr0.5",
        "tfr-by-annealing/None-tfr1.0",
    ]
    assert [("a hash of its settings" in line) for line in table[:2]] == [True, False]
    assert table[2].split() == ["key", "Cyclical-tfr0.5", "None-tfr1.0"]
    assert len(table) == 6
    assert run_sweep(*arguments[:3], "Cyclical-tfr0.5").out.splitlines()[-1] == "no difference"


def test_a_table_has_the_trial_above_and_a_line_for_each_key(here):
    text = "trainer: {command: [python]}\nsweeps:\n  a: {grid: {lr: [0.1]}, set: {x: [1, 2]}}\n"
    (here / "small.yaml").write_text(text)
    lines = run_sweep("explain", "small.yaml", "lr0.1", "--set", "seed=7").out.splitlines()
    assert lines[0].split()[0] == "a/lr0.1"
    assert lines[0].split()[1] == "fingerprint"
    assert lines[0].split()[2].startswith("s1-")
    assert lines[0].endswith("  (a hash of its settings; trials with the same one run once)")
    assert [line.split() for line in lines[1:]] == [
        ["key", "value", "from"],
        ["lr", "0.1", "small.yaml:3:19", "(sweeps.a.grid)"],
        ["seed", "7", "--set", "seed=7"],
        ["x", "[1,", "2]", "small.yaml:3:35", "(sweeps.a.set)"],
    ]


def test_a_programs_config_file_shows_its_own_values_and_the_copy(here):
    (here / "base.yaml").write_text("lr: 1\nout: x\nkept: {a: [1]}\n")
    command = "command: [python, -c, '', '{trial_config}'], config_file: base.yaml"
    text = f"trainer: {{{command}}}\ndefaults: {{out: '{{run_dir}}/o'}}\nsweeps: {{a: {{grid: {{lr: [2, 3]}}}}}}\n"
    (here / "small.yaml").write_text(text)
    rows = json.loads(run_sweep("explain", "small.yaml", "lr2", "--json").out)["keys"]
    assert [(row["key"], row["value"], row["in base.yaml"]) for row in rows] == [
        ("lr", 2, 1),
        ("out", "{run_dir}/o", "x"),
    ]
    copy = run_sweep("explain", "small.yaml", "lr2", "--config-file")
    assert (copy.code, copy.out) == (0, "lr: 2\nout: '{run_dir}/o'\nkept:\n  a:\n  - 1\n")
    refused = run_sweep("explain", "experiments.yaml", "Cyclical-tfr0.5", "--config-file")
    assert (refused.code, "has no `config_file:`" in refused.err) == (2, True)
