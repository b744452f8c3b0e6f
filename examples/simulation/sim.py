"""Simulates an outbreak day by day: who is infected meets others, and recovers. Each run of the same settings goes another way."""

import argparse
import csv
import json
import random
from pathlib import Path


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--beta", type=float, default=0.3, help="contacts a day that infect")
    parser.add_argument("--gamma", type=float, default=0.1, help="share of the infected who recover, a day")
    parser.add_argument("--people", type=int, default=300)
    parser.add_argument("--days", type=int, default=60)
    parser.add_argument("--rng", type=int, default=1, help="seed of the generator")
    parser.add_argument("--out", type=Path, default=Path("results"))
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    draw = random.Random(args.rng).random
    susceptible, infected, recovered, peak = args.people - 5, 5, 0, 5
    with (args.out / "days.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["day", "infected", "recovered"])
        for day in range(1, args.days + 1):
            risk = 1 - (1 - args.beta / args.people) ** infected
            new = sum(draw() < risk for _ in range(susceptible))
            well = sum(draw() < args.gamma for _ in range(infected))
            susceptible, infected, recovered = susceptible - new, infected + new - well, recovered + well
            peak = max(peak, infected)
            table.writerow([day, infected, recovered])
    summary = {"attack_rate": 1 - susceptible / args.people, "peak": peak}
    (args.out / "summary.json").write_text(json.dumps(summary))


if __name__ == "__main__":
    main()
