"""Estimates pi by throwing darts; Fire makes the function's arguments options."""

import json
import random
from pathlib import Path

import fire


def train(darts: int = 1000, steps: int = 6, seed: int = 1, log_dir: str = "logs") -> None:
    random.seed(seed)
    Path(log_dir).mkdir(parents=True, exist_ok=True)
    hits = 0
    with (Path(log_dir) / "metrics.jsonl").open("w") as file:
        for step in range(steps):
            hits += sum(random.random() ** 2 + random.random() ** 2 < 1 for _ in range(darts))
            pi = 4 * hits / darts / (step + 1)
            file.write(json.dumps({"step": step, "pi": pi, "error": abs(pi - 3.14159265)}) + "\n")
            file.flush()


if __name__ == "__main__":
    fire.Fire(train)
