"""Scripts of every kind that `sweep init` reads, each of which records what it was given."""

import textwrap

RECORDS = """
import json, os
def record(**given):
    with open(os.path.join(os.environ["SWEEP_RUN_DIR"], "got.json"), "w") as file:
        json.dump(given, file)
    for epoch in range(1, 4):
        print(f"epoch {epoch} loss {given['lr'] / epoch:.6f}")
"""
KINDS = {
    "argparse": """
        import argparse
        p = argparse.ArgumentParser()
        p.add_argument("data", nargs="?", default="folder")
        p.add_argument("--lr", type=float, default=0.3)
        p.add_argument("--batch-size", type=int, default=4)
        p.add_argument("--amp", action=argparse.BooleanOptionalAction, default=True)
        p.add_argument("--no-cuda", action="store_true")
        p.add_argument("--trap", type=bool, default=False)
        p.add_argument("--sizes", type=int, nargs="+", default=[1, 2])
        p.add_argument("--random-seed", type=int, default=7)
        a = p.parse_args()
        record(lr=a.lr, seed=a.random_seed, rest=[a.data, a.batch_size, a.amp, a.no_cuda, a.trap, a.sizes])
        """,
    "click": """
        import click
        @click.command()
        @click.option("--lr", default=0.3)
        @click.option("--seed", default=7)
        @click.option("--fast/--no-fast", default=True)
        @click.option("--batch-size", type=click.IntRange(1), default=4)
        @click.option("--size", multiple=True, default=[1, 2], type=int)
        def main(lr, seed, fast, batch_size, size):
            record(lr=lr, seed=seed, rest=[fast, batch_size, list(size)])
        main()
        """,
    "fire": """
        import fire
        class Model:
            def __init__(self, width=4): self.width = width
            def train(self, lr=0.3, seed=7, name="1", sizes=(1, 2), fast=False):
                record(lr=lr, seed=seed, rest=[self.width, name, list(sizes), fast])
        fire.Fire(Model)
        """,
    "tyro": """
        from dataclasses import dataclass, field
        import tyro
        @dataclass
        class Optim:
            lr: float = 1.0
        @dataclass
        class Args:
            seed: int = 7
            amp_on: bool = True
            sizes: tuple[int, ...] = (1, 2)
            optim: Optim = field(default_factory=lambda: Optim(lr=0.3))
        a = tyro.cli(Args)
        record(lr=a.optim.lr, seed=a.seed, rest=[a.amp_on, list(a.sizes)])
        """,
    "absl": """
        from absl import app, flags
        flags.DEFINE_float("lr", 0.3, "the rate")
        flags.DEFINE_integer("seed", 7, "the seed")
        flags.DEFINE_list("sizes", ["a", "b"], "sizes")
        flags.DEFINE_bool("amp", True, "whether")
        F = flags.FLAGS
        app.run(lambda _: record(lr=F.lr, seed=F.seed, rest=[F.sizes, F.amp]))
        """,
    "hydra": """
        import hydra
        @hydra.main(version_base=None, config_path="conf", config_name="config")
        def main(c):
            record(lr=c.optim.lr, seed=c.seed, rest=[c.width])
        main()
        """,
    "jsonargparse": """
        from jsonargparse import CLI
        def main(lr: float = 0.3, seed: int = 7, sizes: list[int] = [1, 2], name: str = "x"):
            record(lr=lr, seed=seed, rest=[sizes, name])
        CLI(main)
        """,
    "configurator": """
        lr = 3e-1  # the rate
        seed = 7
        fast = False
        name = "owt"
        exec(open("configurator.py").read())
        record(lr=lr, seed=seed, rest=[fast, name])
        """,
    "sys.argv": """
        import sys
        lr = float(sys.argv[1]) if len(sys.argv) > 1 else 0.3
        seed = int(sys.argv[2]) if len(sys.argv) > 2 else 7
        record(lr=lr, seed=seed, rest=[])
        """,
}
CHECKED = {
    "typer": "import typer\ndef main(lr: float = 0.3, seed: int = 7, fast: bool = True): ...\ntyper.run(main)\n",
    "hf": """
        from dataclasses import dataclass, field
        from transformers import HfArgumentParser, TrainingArguments, Trainer
        @dataclass
        class Data:
            file: str = field(default="x", metadata={"help": "which"})
        a, t = HfArgumentParser((Data, TrainingArguments)).parse_args_into_dataclasses()
        Trainer(args=t)
        """,
    "lightning": """
        from lightning.pytorch.cli import LightningCLI
        class Model:
            def __init__(self, lr: float = 0.3): ...
        LightningCLI(Model)
        """,
    "nothing": "print('hello')\n",
}  # fmt: skip
CONFIGURATOR = """
import sys
from ast import literal_eval
for word in sys.argv[1:]:
    key, value = word[2:].split("=")
    value = literal_eval(value) if not isinstance(globals()[key], str) else value
    assert type(value) == type(globals()[key]), word
    globals()[key] = value
"""
PACKAGED = {
    "src/__init__.py": "",
    "src/model.py": "def loss(lr): return 1 / lr\n",
    "src/__main__.py": (
        "import argparse\nfrom src.model import loss\np = argparse.ArgumentParser()\n"
        "p.add_argument('--lr', type=float, default=0.5)\nprint(f'loss: {loss(p.parse_args().lr):.3f}')\n"
    ),
}
"""A package with a `__main__.py` that imports from itself."""


def write(folder, text):
    (folder / "train.py").write_text("from records import record\n" + textwrap.dedent(text))
    (folder / "records.py").write_text(RECORDS)
    (folder / "configurator.py").write_text(CONFIGURATOR)
    (folder / "conf").mkdir()
    (folder / "conf" / "config.yaml").write_text("seed: 7\nwidth: 4\noptim: {lr: 0.3}\n")
