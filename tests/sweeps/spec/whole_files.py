"""Files that together have every key there may be, and what a file is changed to for tests of its schema."""

COMMAND = {
    "experiment": "whole",
    "trainer": {
        "command": ["python", "train.py", "{args}", "--n", 3, True],
        "config": "package.module:Model",
        "epochs": "num_epoch",
        "snapshot": False,
        "config_file": "configs/a.yaml",
        "args": {
            "style": "argparse",
            "prefix": "-",
            "join": "equals",
            "dashes": True,
            "booleans": ["1", "0"],
            "null": "omit",
            "list": "words",
            "keys": {
                "a.b": "--ab",
                "c": "none",
                "d": {
                    "name": "-d",
                    "booleans": "no-flag",
                    "prefix": "",
                    "join": "space",
                    "dashes": False,
                    "null": "None",
                    "list": "json",
                },
            },
        },
        "env": {"OMP_NUM_THREADS": 1, "GONE": None, "HOME": {"from": "HOME"}, "API_KEY": {"from": "API_KEY"}},
        "python": "venv",
        "cwd": "{run_dir}",
        "link": {"data": "../data"},
        "resume": {"when": "{run_dir}/last.pt", "add": ["--resume", "{run_dir}/last.pt"]},
        "metrics": [
            {"stdout": r"epoch (?P<epoch>\d+) loss (?P<loss>\S+)", "step": "epoch", "several": "mean"},
            {"csv": "{run_dir}/metrics.csv", "several": {"loss": "mean"}},
            {"jsonl": "{run_dir}/log.jsonl", "step": 3},
            {"json": "{run_dir}/log.json", "at": "history"},
            {"tensorboard": "{run_dir}/**"},
            {"wandb": "{run_dir}/wandb"},
            {"mlflow": True},
        ],
        "rename": {"val_{part}": "val/{part}"},
        "derive": {"accuracy": "correct / n"},
        "progress": {"metric": "epoch", "of": "max_epochs"},
    },
    "sweeps": {"first": {"grid": {"lr": [1, 2]}}},
    "on": {"finished": "echo", "failed": ["echo", "{x}"], "done": "https://example.org/hook"},
    "measures": {"val/f1": {"better": "higher", "unit": "%", "baseline": "val/majority"}, "loss": "lower"},
    "names": {"val/f1": "F1", "lr": "learning rate", "step": "iteration"},
}
FUNCTION = {
    "trainer": {"run": "module:train"},
    "profile": "small",
    "defaults": {"lr": 0.1, "data": {"name": "x"}, "betas": [0.9, 0.99]},
    "profiles": {"small": {"lr": 1, "seeds": 2, "sweeps": {"grid": {"lr": 2, "seeds": 3}}}},
    "order": "file",
    "sweeps": {
        "grid": {
            "grid": {"lr": [0.1, 0.2], "name": ["a", None]},
            "zip": {"b": [1, 2], "c": [3, 4]},
            "include": [{"lr": 1}],
            "exclude": [{"lr": [0.1, 3]}],
            "when": [{"if": {"lr": 0.1}, "set": {"d": 1}}],
            "set": {"x": {"y": 1}},
            "seeds": [1, 2],
            "resources": {"gpu": 0.5, "cpu": 2, "slurm": {"gres": 0, "partition": "long", "time": "4h"}},
            "limits": {"timeout": "2h", "attempts": 3},
            "keep": "best",
            "tags": {"team": "video", "paper": True, "version": 2},
            "description": "all of a grid",
            "measures": {"loss": {"better": "lower", "baseline": 0.5}},
        },
        "memory": {
            "seeds": 3,
            "resources": {
                "gpu_mem": "8G",
                "slurm": {
                    "account": "a",
                    "begin": "20:00",
                    "comment": "b",
                    "constraint": "c",
                    "container": "d",
                    "container-image": "e",
                    "container-mounts": "/f:/f",
                    "exclude": "g",
                    "exclusive": True,
                    "licenses": "h",
                    "mail-type": "FAIL",
                    "mail-user": "i",
                    "mem": "16G",
                    "nodes": 2,
                    "mem-per-cpu": "1G",
                    "mem-per-gpu": "2G",
                    "nice": 100,
                    "nodelist": "j",
                    "prefer": "k",
                    "qos": "l",
                    "reservation": "m",
                    "setup": ["n"],
                    "tmp": "1G",
                    "wckey": "o",
                },
            },
        },
        "shared": {"seeds": 3, "resources": {"gpu_share": 0.125}},
    },
}
SEARCH = {
    "trainer": "module:train",
    "sweeps": {
        "search": {
            "search": {
                "space": {
                    "model": {"choice": ["small", "large"]},
                    "lr": {"float": [1e-5, 1e-2], "log": True},
                    "width": {"int": [8, 64], "step": 8, "when": {"model": "large"}},
                },
                "objective": {"val/loss": {"direction": "min", "value": "best", "by": 5}},
                "trials": 10,
                "sampler": {"name": "tpe", "n_startup_trials": 8},
                "pruner": "median",
                "enqueue": [{"model": "small", "lr": 1e-3}],
                "timeout": 60,
                "seed": 0,
                "storage": "sqlite:///optuna.db",
            },
        },
    },
}


def _part(whole, **kept):
    """A file with some of what stands under its keys: small ones are checked faster."""
    return {
        key: {name: value for name, value in whole[key].items() if name in kept.get(key, ())} or whole[key]
        for key in whole
    }


_PARTS = (
    ("args",),
    ("config_file", "env", "python", "cwd", "link", "resume"),
    ("metrics",),
    ("config", "epochs", "snapshot", "rename", "derive", "progress"),
)
FILES = {
    **{
        keys[0]: _part({k: COMMAND[k] for k in ("trainer", "sweeps")}, trainer=("command", *keys))
        for keys in _PARTS
    },
    "on": {**COMMAND, "trainer": "module:train"},
    "profiles": {**FUNCTION, "sweeps": {"grid": {"grid": {"lr": [1]}}}},
    "grid": {"trainer": "module:train", "sweeps": {"grid": FUNCTION["sweeps"]["grid"]}},
    "memory": {
        "trainer": "module:train",
        "sweeps": {name: FUNCTION["sweeps"][name] for name in ("memory", "shared")},
    },
    "search": SEARCH,
}
PROBES = (None, True, 0, -1, 0.5, "", "2h", [], [None], ["word"], {})
"""What is put in the place of each value."""


FREE = ("set", "defaults", "enqueue", "include", "exclude")
"""Below these any value will do that a key may have."""


def paths(document, path=()):
    """Every place in a document, as the keys and positions that lead to it, but for those below `FREE`."""
    entries = (
        document.items()
        if isinstance(document, dict)
        else enumerate(document)
        if isinstance(document, list)
        else ()
    )
    for key, value in entries:
        yield (*path, key)
        if key not in FREE:
            yield from paths(value, (*path, key))


def at(document, path):
    for key in path:
        document = document[key]
    return document


def changed(document, path, value):
    """A document with another value in one place."""
    if not path:
        return value
    key, rest = path[0], path[1:]
    if isinstance(document, dict):
        return {**document, key: changed(document.get(key), rest, value)}
    return [changed(item, rest, value) if position == key else item for position, item in enumerate(document)]


def without(document, path):
    """A document without what stands in one place."""
    *above, key = path
    parent = at(document, above)
    if isinstance(parent, dict):
        left = {name: value for name, value in parent.items() if name != key}
    else:
        left = [item for position, item in enumerate(parent) if position != key]
    return changed(document, tuple(above), left)
