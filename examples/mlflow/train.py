"""Learns to tell two clouds of points apart, and logs to MLflow by itself."""

import argparse

import mlflow
import numpy as np

parser = argparse.ArgumentParser()
parser.add_argument("--learning-rate", type=float, default=0.3)
parser.add_argument("--l2", type=float, default=0.0, help="weight decay")
parser.add_argument("--epochs", type=int, default=8)
parser.add_argument("--seed", type=int, default=0)
args = parser.parse_args()

random = np.random.default_rng(args.seed)
labels = random.integers(0, 2, 200)
points = random.normal(size=(200, 2)) + 2 * labels[:, None]

mlflow.set_experiment("clouds")
with mlflow.start_run():
    mlflow.log_params(vars(args))
    weights, bias = np.zeros(2), 0.0
    for epoch in range(args.epochs):
        chances = 1 / (1 + np.exp(-(points @ weights + bias)))
        weights -= args.learning_rate * (points.T @ (chances - labels) / 200 + args.l2 * weights)
        bias -= args.learning_rate * (chances - labels).mean()
        mlflow.log_metric("loss", -np.log(np.where(labels, chances, 1 - chances)).mean(), step=epoch)
        mlflow.log_metric("accuracy", ((chances > 0.5) == labels).mean(), step=epoch)
