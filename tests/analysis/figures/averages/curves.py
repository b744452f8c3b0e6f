"""Curves and runs at steps of many kinds."""

import random
from dataclasses import replace

from analysis.results.results import LOSS, Curve
from tests.analysis.figures.test_figure_data import at_steps


def episodes(last, period, first=1):
    """Steps at which episodes end that get longer and shorter again: irregular, and not one in a hundred is left out."""
    steps, step = [], first
    while step <= last:
        steps.append(step)
        step += 1 + len(steps) % period
    return tuple(steps)


def curve(steps, value=float):
    return Curve(tuple(steps), tuple(value(step) for step in steps))


def at_episodes(*curves):
    return [
        replace(one, curves={LOSS: own})
        for one, own in zip(at_steps([range(8)] * len(curves)), curves, strict=True)
    ]


THIRDS = [range(1, 1001, 3), range(2, 1001, 3)]
"""Steps of two runs that have none in common."""


def noisy(count, drift=0.0, noise=1.0, stride=20, seed=0):
    """A curve at regular steps that goes up by `drift` in all, with normal noise."""
    draws = random.Random(seed)
    steps = tuple(range(stride, stride * (count + 1), stride))
    return Curve(steps, tuple(drift * step / steps[-1] + draws.gauss(0, noise) for step in steps))
