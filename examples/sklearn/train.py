"""Fits a forest to scikit-learn's flowers; MLflow's autologging records what it fits."""

import argparse

import mlflow
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split

parser = argparse.ArgumentParser()
parser.add_argument("--n_estimators", type=int, default=10, help="number of trees")
parser.add_argument("--max_depth", type=int, default=2)
parser.add_argument("--random_state", type=int, default=0)
args = parser.parse_args()

mlflow.sklearn.autolog(log_models=False)
x, x_test, y, y_test = train_test_split(*load_iris(return_X_y=True), random_state=args.random_state)
forest = RandomForestClassifier(**vars(args)).fit(x, y)
forest.score(x_test, y_test)
