"""Finds the lowest point of a valley by gradient descent with momentum, and keeps a table of the way."""

import csv
from pathlib import Path

import click


@click.command()
@click.option("--lr", default=0.01, help="learning rate")
@click.option("--momentum", default=0.5, help="how much of the last move goes on")
@click.option("--epochs", default=20)
@click.option("--out", default="results", help="folder for the table")
def main(lr: float, momentum: float, epochs: int, out: str) -> None:
    Path(out).mkdir(parents=True, exist_ok=True)
    with (Path(out) / "progress.csv").open("w", newline="") as file:
        table = csv.DictWriter(file, ["epoch", "height", "distance"])
        table.writeheader()
        x, y, move_x, move_y = -1.0, 1.0, 0.0, 0.0
        for epoch in range(epochs):
            move_x = momentum * move_x - lr * 2 * x
            move_y = momentum * move_y - lr * 20 * y
            x, y = x + move_x, y + move_y
            row = {"epoch": epoch, "height": x**2 + 10 * y**2, "distance": (x**2 + y**2) ** 0.5}
            table.writerow(row)
            file.flush()


if __name__ == "__main__":
    main()
