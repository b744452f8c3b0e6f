"""Fits a line through noisy points by gradient descent, and prints how it goes."""

import argparse
import random

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.1, help="learning rate")
parser.add_argument("--epochs", type=int, default=5, help="how often it sees all points")
parser.add_argument("--seed", type=int, default=1)
args = parser.parse_args()

random.seed(args.seed)
points = [(x / 100, 3 * x / 100 - 1 + random.gauss(0, 0.1)) for x in range(100)]
slope = offset = 0.0
for epoch in range(1, args.epochs + 1):
    total = 0.0
    for x, y in random.sample(points, len(points)):
        error = slope * x + offset - y
        slope -= args.lr * error * x
        offset -= args.lr * error
        total += error**2
    print(f"Epoch {epoch}/{args.epochs}  loss {total / len(points):.5f}  slope {slope:.3f}")
