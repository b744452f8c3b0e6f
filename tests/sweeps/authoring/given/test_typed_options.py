"""Options that are known only as somebody types them."""

import pytest
import yaml

from tests.sweeps.specs import run_sweep

TYPED = {
    "--learning-rate 2.5e-3 --no-anneal-lr --seed 1 --track --dims 1 2": (
        {"style": "argparse", "dashes": True, "booleans": "no-flag"},
        {"learning_rate": 0.0025, "anneal_lr": False, "seed": 1, "track": True, "dims": [1, 2]},
    ),
    "--a_b=3 --name x=y": ("argparse", {"a_b": 3, "name": "x=y"}),
    "--lr=3 --flag": ({"style": "argparse", "join": "equals"}, {"lr": 3, "flag": True}),
    "lr=0.1 amp=True": (
        {"style": "argparse", "prefix": "", "booleans": ["True", "False"], "join": "equals"},
        {"lr": 0.1, "amp": True},
    ),
    "in.csv --lr 3": ("argparse", {"lr": 3}),
}


@pytest.mark.parametrize("words", TYPED)
@pytest.mark.parametrize(
    "reader",
    [
        "import sys\nfrom elsewhere import start\nstart(sys.argv[1:])\n",
        "import elsewhere\n",
        "LR = 0.1\nimport elsewhere\n",
    ],
)
def test_words_that_are_typed_are_settings_and_tell_their_spelling(tmp_path, monkeypatch, words, reader):
    if reader.startswith("LR") and "--" not in words:
        pytest.skip("they are constants of the script")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "train.py").write_text(reader)
    done = run_sweep("init", "train.py", "--", *words.split())
    assert done.code == 0, done.err
    written = yaml.safe_load((tmp_path / "experiments.yaml").read_text())
    args, defaults = TYPED[words]
    assert written["trainer"]["args"] == args
    assert written["defaults"] == defaults
    assert written["trainer"]["command"] == [
        "python",
        "train.py",
        *(["in.csv"] if "in.csv" in words else []),
        "{args}",
    ]
    assert "those that were typed stand under `defaults:`" in (tmp_path / "experiments.yaml").read_text()
