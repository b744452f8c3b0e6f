"""A small search, for tests of its study."""

from sweeps.search.reconcile import State
from sweeps.search.study import Study
from tests.sweeps.specs import expanded

SPEC = """
sweeps:
  a:
    search:
      space: {{lr: {{float: [1e-5, 1e-1], log: true}}, tfr: {{float: [0, 1], step: 0.25}}, steps: {{choice: [[1], [2, 3]]}}}}
      objective: {{loss: min}}
      trials: 9
      sampler: {sampler}
      pruner: {pruner}
"""


def search_of(path, sampler="tpe", pruner="none"):
    sampler = {
        "grid": "grid",
        "gp": "{name: gp, n_startup_trials: 3}",
        "tpe": "{name: tpe, n_startup_trials: 3}",
    }.get(sampler, sampler)
    text = SPEC.format(sampler=sampler, pruner=pruner)
    if sampler == "grid":
        text = text.replace("{float: [1e-5, 1e-1], log: true}", "{choice: [0.1, 0.01]}")
    sweeps, _ = expanded(path, text)
    return sweeps["a"].search


def asked(search, url, count, reopened_every=100):
    """The suggestions of a search, its study opened every so often, each scored at once."""
    drawn = []
    for index in range(count):
        if index % reopened_every == 0:
            study = Study.open(search, "experiment", url)
        number, params = study.ask()
        study.tell(number, State.COMPLETE, [params["lr"] + params["tfr"]])
        drawn.append(params)
        if (index + 1) % reopened_every == 0 or index + 1 == count:
            assert study.flush()
            study.close()
    return drawn
