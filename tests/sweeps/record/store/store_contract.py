"""What a store holds after the same calls, however they are made: all rows of all tables, and all artifacts."""

import math
import re
import shutil
import sqlite3
from contextlib import closing

from sweeps.record.store.base import Ending, Metric, Param, Tag

GREATEST = 1.7976931348623157e308
FIRST, SECOND, NAMELESS = 0, 1, "no-such-run"


def create(store, runs):
    experiment = store.experiment("toy")
    number = store.create_experiment("toy", {"kind": "x"}) if experiment is None else experiment.experiment_id
    for name in ("a", "b"):
        made = store.create_run(
            number, 1_700_000_000_000, {"sweeps.trial": name, "mlflow.user": "u", "t": "ö"}, name
        )
        assert (made.lifecycle_stage, made.tags["mlflow.runName"]) == ("active", name)
        runs.append(made.run_id)
    assert store.experiment_of_id(number) == store.experiment("toy")
    return store.get_run(runs[0])


def batch(metrics=(), params=(), tags=(), run=FIRST, ending=None):
    """A call of `log_batch`."""

    def call(store, runs):
        run_id = runs[run] if isinstance(run, int) else run
        points = [Metric(*metric) for metric in metrics]
        store.log_batch(run_id, points, [Param(*p) for p in params], [Tag(*t) for t in tags], ending)

    return call


def many(store, runs):
    store.log_batch(runs[1], [Metric(f"m{n % 7}", n / 8, 1_000 + n, n) for n in range(1_000)], [], [])


def of_run(name, *arguments, run=FIRST):
    """A call of a method about a run."""

    def call(store, runs):
        return getattr(store, name)(runs[run] if isinstance(run, int) else run, *arguments)

    return call


def delete(store, runs):
    store.mlflow.delete_run(runs[1])


ODD_METRICS = [
    ("nan", math.nan, 5, 0),
    ("nan", 0.0, 5, 0),
    ("inf", math.inf, 5, 0),
    ("inf", -math.inf, 6, 0),
    ("whole", 3, 5, -2),
    ("again", 2.0, 5, 1),
    ("again", 2.0, 5, 1),
    ("order", 1.0, 9, 3),
    ("order", 5.0, 2, 2),
    ("order", 4.0, 7, 3),
    ("tie", 1.0, 5, 1),
    ("tie", 2.0, 5, 1),
]
CALLS = {
    "create": create,
    "a batch": batch([("loss", 0.5, 10, 0)], [("lr", "0.1"), ("é", "ü")], [("t", "new"), ("u", "")]),
    "odd metrics": batch(ODD_METRICS),
    "the same again": batch(ODD_METRICS, [("lr", "0.1")]),
    "later and earlier": batch(
        [("order", 9.0, 1, 1), ("order", 0.25, 9, 3), ("loss", 1.5, 11, 0), ("nan", math.nan, 5, 1)]
    ),
    "a later time of an earlier step": batch([("order", 8.0, 50, 2)]),
    "a later step of an earlier time": batch([("order", 7.0, 1, 9)]),
    "a param that is there": batch([("loss", 7.0, 12, 1)], [("lr", "0.1"), ("new", "1")]),
    "another value of a param": batch([("loss", 8.0, 13, 2)], [("lr", "0.2"), ("newer", "1")]),
    "a param twice": batch(params=[("p", "1"), ("p", "1")]),
    "a name that is none": batch([("loss", 8.0, 14, 3), ("a@b", 1.0, 5, 0)]),
    "a step that is too great": batch([("loss", 8.0, 14, 2**63)]),
    "a time before all": batch([("loss", 8.0, -1, 4)]),
    "a param that is too long": batch(params=[("long", "x" * 6001)]),
    "a tag that is too long": batch(tags=[("long", "x" * 8001)]),
    "a tag that no store keeps": batch(tags=[("half", "\ud800")]),
    "a number that is none": batch([("loss", "much", 5, 0)]),
    "another name of the run": batch(tags=[("mlflow.runName", "renamed"), ("t", "renamed")]),
    "no name of the run": batch(tags=[("mlflow.runName", "")]),
    "too many params": batch(params=[(f"k{n}", "1") for n in range(101)]),
    "many": many,
    "a batch of no run": batch([("loss", 1.0, 5, 0)], run=NAMELESS),
    "a tag": of_run("set_tag", "claim", "mine"),
    "a tag of no name": of_run("set_tag", "", "mine"),
    "a tag that goes": of_run("delete_tag", "claim"),
    "a tag that is gone": of_run("delete_tag", "claim"),
    "the end": of_run("set_terminated", "FAILED", 99),
    "an end that is none": of_run("set_terminated", "BROKEN", 99),
    "again": of_run("set_running"),
    "a batch that ends the run": batch(
        [("loss", 2.5, 20, 5)], tags=[("t", "end")], ending=Ending("FINISHED", 77)
    ),
    "once more": of_run("set_running"),
    "a batch that is refused and ends nothing": batch([("a@b", 1.0, 5, 0)], ending=Ending("FAILED", 78)),
    "a batch with an end that is none": batch([("loss", 9.5, 21, 6)], ending=Ending("BROKEN", 79)),
    "the run": of_run("get_run"),
    "no run": of_run("get_run", run=NAMELESS),
    "no run at all": of_run("set_running", run=NAMELESS),
    "delete": delete,
    "a deleted run": of_run("get_run", run=SECOND),
    "a batch of a deleted run": batch([("loss", 1.0, 5, 0)], run=SECOND),
    "the end of a deleted run": of_run("set_terminated", "FINISHED", 5, run=SECOND),
    "an experiment that is there": lambda store, _: store.create_experiment("toy", {}),
    "an experiment without a name": lambda store, _: store.create_experiment("", {}),
    "no experiment": lambda store, _: store.experiment_of_id("77"),
    "a run of no experiment": lambda store, _: store.create_run("77", 5, {}, "a"),
    "a run that is named twice": lambda store, _: store.create_run("1", 5, {"mlflow.runName": "b"}, "a"),
    "a text": of_run("log_text", "täxt", "code/a.json"),
    "a text that is named oddly": of_run("log_text", "text", "../a.json"),
    "a text again": of_run("log_text", "other", "code/a.json"),
}


def outcome(call, store, runs):
    """What a call gave, or how it failed."""
    try:
        return call(store, runs)
    except Exception as error:  # noqa: BLE001 - whatever a store raises is compared
        return type(error).__name__, str(error)


def files(store, runs, folder):
    """Store files: one in a folder, one that is not there, one that is a folder itself."""
    (folder / "log.txt").write_text("words", encoding="utf-8")
    (folder / "log.txt").chmod(0o640)
    place = store.get_run(runs[0]).artifact_uri
    store.log_artifact(runs[0], folder / "log.txt", "logs/deep", place)
    store.log_artifact(runs[0], folder / "log.txt")
    return [
        outcome(lambda s, r: s.log_artifact(r[0], folder / "no.txt"), store, runs),
        outcome(lambda s, r: s.log_artifact(r[0], folder / "log.txt", "../up"), store, runs),
        outcome(lambda s, _: s.log_artifact("no-such-run", folder / "log.txt"), store, runs),
    ]


OFTEN = ("experiments", "experiment_tags", "runs", "tags", "params", "metrics", "latest_metrics")
"""The tables that a trial writes."""


def rows(path, runs, folder, tables=None):
    """All rows of some tables, or of all; runs, places and times of creation are named alike in every store."""

    def alike(value):
        if isinstance(value, str):
            for number, run_id in enumerate(runs):
                value = value.replace(run_id, f"run{number}")
            return value.replace(str(folder), "FOLDER")
        return value

    with closing(sqlite3.connect(path)) as connection:
        connection.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        found = {}
        for table in tables or [name for (name,) in names]:
            cursor = connection.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - a name of the schema
            columns = [column[0] for column in cursor.description]
            found[table] = sorted(
                repr(
                    {
                        column: "TIME"
                        if column in {"creation_time", "last_update_time", "deleted_time"} and value
                        else alike(value)
                        for column, value in zip(columns, row, strict=True)
                    }
                )
                for row in cursor
            )
    return {table: content for table, content in found.items() if content}


def artifacts(folder, runs):
    """The files below a folder with their content and mode."""
    return {
        re.sub(runs[0], "run0", str(path.relative_to(folder))): (path.read_bytes(), oct(path.stat().st_mode))
        for path in sorted((folder / "mlruns").rglob("*"))
        if path.is_file()
    }


def fresh(folder, empty_database):
    """A folder with a store of its own; returns its URI."""
    folder.mkdir()
    shutil.copy(empty_database, folder / "mlflow.db")
    return f"sqlite:///{folder / 'mlflow.db'}"
