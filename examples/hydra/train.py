"""Walks down a hill with the optimizer of its config, which Hydra composes."""

import logging

import hydra
from omegaconf import DictConfig

log = logging.getLogger(__name__)


@hydra.main(version_base=None, config_path="conf", config_name="config")
def main(cfg: DictConfig) -> None:
    x, speed = cfg.start, 0.0
    for step in range(cfg.steps):
        speed = cfg.optimizer.momentum * speed - cfg.optimizer.lr * 2 * x
        x += speed
        log.info("step %d: loss=%.6f x=%.4f", step, x**2, x)


if __name__ == "__main__":
    main()
