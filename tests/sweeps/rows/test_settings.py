from types import SimpleNamespace

from sweeps.planning.trial import Trial
from sweeps.rows.settings import with_settings


def trial(sweep, fingerprint, **axes):
    settings = {key: SimpleNamespace(value=value) for key, value in axes.items()}
    return Trial(sweep, "t", settings, tuple(axes), fingerprint, {})


def test_what_varies_stands_behind_the_trial_by_its_own_name_or_told_apart():
    trials = [trial("a", "1", lr=0.1, epoch=3), trial("b", "2", depth=4)]
    rows = [
        {"sweep": "a", "trial": "t", "epoch": 7, "fingerprint": "1"},
        {"sweep": "b", "trial": "t", "epoch": 8, "fingerprint": "2"},
        {"sweep": "b", "trial": "gone", "epoch": 9, "fingerprint": "3"},
    ]
    made = with_settings(rows, trials, set(rows[0]))
    assert list(made[0]) == ["sweep", "trial", "lr", "epoch (setting)", "depth", "epoch", "fingerprint"]
    assert [row["lr"] for row in made] == [0.1, None, None]
    assert [row["epoch (setting)"] for row in made] == [3, None, None]
    assert [row["depth"] for row in made] == [None, 4, None]
    assert [row["epoch"] for row in made] == [7, 8, 9]
