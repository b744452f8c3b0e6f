"""A program that knows nothing of sweep, for tests: it logs in one of many ways, resumes from its checkpoint, and waits at points."""

import sqlite3
import textwrap
from contextlib import closing

from sweeps.sources.loggers.wandb_blocks import FILE_HEADER

SCRIPT = '''
import csv, json, os, struct, sys, time, zlib
from pathlib import Path

way, scale, run_dir, hold = sys.argv[1], float(sys.argv[2]), Path(sys.argv[3]), sys.argv[4]
EPOCHS = 6
FILE_HEADER = HEADER_OF_WANDB


def recorded(step):
    """Wait until the step is in the trial's journal, so that what stands in the file was read."""
    journal = run_dir.parent / "journal.jsonl"
    while f'"step": {step},' not in (journal.read_text() if journal.exists() else ""):
        time.sleep(0.01)


def held(point):
    """Where `hold` names this point, the first attempt tells its pid and waits to be ended."""
    if hold == point and not (run_dir / "passed").exists():
        (run_dir / "passed").touch()
        with open("held", "w") as pipe:
            pipe.write(f"{os.getpid()}\\n")
        while True:
            time.sleep(0.01)


class Printed:
    def write(self, row, half=False):
        line = f"epoch {row['epoch']} loss={row['loss']} acc={row['acc']}\\n"
        print(line[: len(line) // 2 if half else None], end="", flush=True)

    def rest(self, row):
        line = f"epoch {row['epoch']} loss={row['loss']} acc={row['acc']}\\n"
        print(line[len(line) // 2 :], end="", flush=True)



class Lines:
    """A file that grows by lines, and is written anew where `rewrite` says so."""

    def __init__(self, name):
        self.path = run_dir / name
        if self.path.exists():  # of an earlier attempt, which may have ended in the middle of a line
            whole = self.path.read_text()
            self.path.write_text(whole[: whole.rfind("\\n") + 1])
        else:
            self.path.write_text(self.header())

    def header(self):
        return ""

    def append(self, text):
        with self.path.open("a") as file:
            file.write(text)

    def write(self, row, half=False):
        line = self.line(row)
        self.append(line[: len(line) // 2 if half else None])

    def rest(self, row):
        line = self.line(row)
        self.append(line[len(line) // 2 :])


class Table(Lines):
    def header(self):
        return "epoch,loss,acc\\n"

    def line(self, row):
        return f"{row['epoch']},{row['loss']},{row['acc']}\\n"

    def rewrite(self):
        """Add a column, as Lightning's CSVLogger does."""
        rows = list(csv.DictReader(self.path.open()))
        with self.path.open("w") as file:
            writer = csv.DictWriter(file, ["epoch", "note", "loss", "acc"])
            writer.writeheader()
            writer.writerows(rows)
        self.line = lambda row: f"{row['epoch']},,{row['loss']},{row['acc']}\\n"


class Objects(Lines):
    def line(self, row):
        return json.dumps(row) + "\\n"

    def rewrite(self):
        text = self.path.read_text()
        self.path.write_text('{"note": "begun again"}\\n' + text)


class Document:
    def __init__(self):
        self.path = run_dir / "state.json"
        self.history = [json.loads(row) for row in self.whole()]

    def whole(self):
        try:
            return [json.dumps(row) for row in json.loads(self.path.read_text())["history"]]
        except (OSError, ValueError):
            return []

    def write(self, row, half=False):
        if not half:
            self.history.append(row)
        text = json.dumps({"history": self.history + ([row] if half else [])}, indent=1)
        self.path.write_text(text[: len(text) * 3 // 4] if half else text)

    def rest(self, row):
        self.write(row)

    def rewrite(self):
        self.history = [{**row, "note": "old"} for row in self.history]
        self.path.write_text(json.dumps({"history": self.history}))


class Mlflow(Objects):
    def __init__(self):
        self.path = run_dir.parent / "program-metrics.jsonl"
        if self.path.exists():
            whole = self.path.read_text()
            self.path.write_text(whole[: whole.rfind("\\n") + 1])

    def line(self, row):
        metrics = {key: value for key, value in row.items() if key != "epoch"}
        return json.dumps({"t": int(time.time() * 1000), "step": row["epoch"], "metrics": metrics}) + "\\n"


class Events:
    """An event file an attempt; its bytes go to the file as they are made, so that one may be half there."""

    def __init__(self):
        self.path = run_dir / f"logs/{os.getpid()}/events.out.tfevents.{1000000000 + os.getpid()}.host"
        self.path.parent.mkdir(parents=True)

    def record(self, row):
        from tensorboard.compat.proto.event_pb2 import Event
        from tensorboard.compat.proto.summary_pb2 import Summary
        from tensorboard.summary.writer.record_writer import RecordWriter
        import io

        values = [Summary.Value(tag=key, simple_value=row[key]) for key in ("loss", "acc")]
        event = Event(wall_time=time.time(), step=row["epoch"], summary=Summary(value=values))
        kept = io.BytesIO()
        RecordWriter(kept).write(event.SerializeToString())
        return kept.getvalue()

    def append(self, data):
        with self.path.open("ab") as file:
            file.write(data)

    def write(self, row, half=False):
        self.data = self.record(row)
        self.append(self.data[: len(self.data) // 2 if half else None])

    def rest(self, row):
        self.append(self.data[len(self.data) // 2 :])

    def rewrite(self):
        """Go on in another file, as a writer does that was closed."""
        self.path = self.path.with_name(self.path.name + ".1")


class Wandb(Events):
    """A run's record as wandb's service writes it, one for each attempt."""

    def __init__(self):
        self.path = run_dir / f"wandb/offline-run-{os.getpid()}/run-{os.getpid()}.wandb"
        self.path.parent.mkdir(parents=True)
        self.path.write_bytes(FILE_HEADER)

    def record(self, row):
        values = {"loss": row["loss"], "acc": row["acc"], "_step": row["epoch"], "_timestamp": time.time()}
        items = b"".join(field(1, field(2, key) + field(16, json.dumps(value))) for key, value in values.items())
        checked = b"\\x01" + field(1, b"\\x07"[0]) + field(2, items + field(2, field(1, row["epoch"])))
        return struct.pack("<IH", zlib.crc32(checked), len(checked) - 1) + checked

    def rewrite(self):
        self.path = self.path.with_name(f"run-{os.getpid()}b.wandb")
        self.path.write_bytes(FILE_HEADER)


def field(number, content):
    """One field of a protobuf message: a number, a text or a message."""
    if isinstance(content, int):
        return varint(number << 3) + varint(content)
    data = content.encode() if isinstance(content, str) else content
    return varint(number << 3 | 2) + varint(len(data)) + data


def varint(number):
    data = bytearray()
    while number > 127:
        data.append(number & 127 | 128)
        number >>= 7
    return bytes([*data, number])


WAYS = {
    "tensorboard": Events,
    "wandb": Wandb,
    "stdout": Printed,
    "csv": lambda: Table("metrics.csv"),
    "jsonl": lambda: Objects("metrics.jsonl"),
    "json": Document,
    "mlflow": Mlflow,
}
log = WAYS[way]()
checkpoint = run_dir / "checkpoint"
first = int(checkpoint.read_text()) if checkpoint.exists() else 0
for epoch in range(first, EPOCHS):
    row = {"epoch": epoch, "loss": scale / 2**epoch, "acc": epoch / 8}
    if hold == "half" and epoch == 3:
        log.write(row, half=True)
        if way != "json":  # of half a document not even what was there before can be read
            recorded(2)
        log.rest(row)
    else:
        log.write(row)
    if hold == "rewritten" and epoch == 3:
        recorded(3)
        log.rewrite()
    if epoch == 3:
        held("logged")  # not in the checkpoint yet: the next attempt logs this epoch again
    checkpoint.write_text(str(epoch + 1))
    if epoch == 3:
        held("saved")
'''

SCRIPT = SCRIPT.replace("HEADER_OF_WANDB", repr(FILE_HEADER))
SOURCES = {
    "wandb": "- wandb: '{run_dir}/wandb'",
    "tensorboard": "- tensorboard: '{run_dir}/**'",
    "stdout": r"- stdout: 'epoch (?P<epoch>\d+) loss=(?P<loss>\S+) acc=(?P<acc>\S+)'",
    "csv": "- csv: '{run_dir}/metrics.csv'",
    "jsonl": "- jsonl: '{run_dir}/metrics.jsonl'",
    "json": "- {json: '{run_dir}/state.json', at: history}",
    "mlflow": "- mlflow: true",
}


def expected(scale, epochs=6):
    """The points that the program logs, each once."""
    return {
        "loss": [(epoch, scale / 2**epoch) for epoch in range(epochs)],
        "acc": [(epoch, epoch / 8) for epoch in range(epochs)],
    }


class Program:
    """A script and the file that runs it, in a project."""

    def __init__(self, project):
        self.project = project

    def write(self, script, trainer, sweeps="{a: {grid: {lr: [1]}, set: {num_epoch: 4}}}", more=""):
        (self.project.path / "train.py").write_text(textwrap.dedent(script))
        head = f"experiment: toy\ntrainer:\n  command: [python, train.py, '{{lr}}', '{{run_dir}}'{more}]\n"
        body = textwrap.indent(textwrap.dedent(trainer), "  ")
        (self.project.path / "e.yaml").write_text(f"{head}{body}\nsweeps: {sweeps}\n")

    def logs_in(self, way, hold="", scales=(1,)):
        """Have the program log in one way, held or disturbed at a point."""
        (self.project.path / "train.py").write_text(SCRIPT)
        command = f"[python, train.py, {way}, '{{scale}}', '{{run_dir}}', {hold or 'never'}]"
        (self.project.path / "e.yaml").write_text(
            f"experiment: toy\ntrainer:\n  command: {command}\n  metrics:\n    {SOURCES[way]}\n"
            f"sweeps: {{a: {{grid: {{scale: {list(scales)}}}, set: {{num_epoch: 6}}}}}}\n"
        )

    def start(self):
        return self.project.start("run", "e.yaml", "--gpus", "")

    def ran(self, *options, code=0):
        exit_code, output = self.project.sweep("run", "e.yaml", "--gpus", "", *options)
        assert exit_code == code, (output, self.logs())
        return output

    def logs(self):
        return [path.read_text() for path in sorted(self.project.path.glob(".sweep/runs/*/attempt-*.log"))]

    def points(self, trial):
        """Every point of a trial's run, by key, in the order of steps: twice where it is recorded twice."""
        run = self.project.runs()[trial]
        with closing(sqlite3.connect(self.project.path / "mlflow.db")) as connection:
            rows = connection.execute(
                "select key, step, value from metrics where run_uuid = ? order by step, timestamp",
                [run.run_id],
            )
            found = {}
            for key, step, value in rows:
                found.setdefault(key, []).append((step, value))
        return found
