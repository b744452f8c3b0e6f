import pytest
import yaml

from sweeps.authoring.outputs.repeated_steps import repeated_names
from tests.sweeps.authoring.scripts import script_of

ENVIRONMENTS = """
for step in range(steps):
    step_of_all += n
    if "final" in infos:
        for info in infos["final"]:
            if info is not None:
                w.add_scalar("charts/return", info["r"], step_of_all)
                {more}
    w.add_scalar("losses/value", loss, step_of_all)
"""


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (ENVIRONMENTS.format(more="print(info)"), ("charts/return",)),
        (ENVIRONMENTS.format(more="break"), ()),
        ("for a in b:\n    for c in a:\n        w.add_scalar('loss', c, global_step=epoch)", ("loss",)),
        ("for a in b:\n    with c:\n        w.scalar('loss', a, step=epoch * 2)", ("loss",)),
        ("for a in b:\n    w.add_scalar('loss', a, epoch * n + a)", ()),
        ("for a in b:\n    n += 1\n    w.add_scalar('loss', a, n)", ()),
        ("for a in b:\n    w.add_scalar('loss', a, self.n)\n    w.add_scalar('x', a, n())", ()),
        (
            "for a in b:\n    w.add_scalar(f'{a}/loss', 1, n)\n    w.add_scalar('y', 1)\n    w.add_scalar('z', 1, 5)",
            (),
        ),
    ],
)
def test_it_names_what_a_loop_logs_while_the_step_stays(tmp_path, text, names):
    assert repeated_names(script_of(tmp_path, text)) == names


def test_a_drafted_file_takes_the_mean_of_returns_that_several_environments_log_at_a_step(project):
    (project.path / "train.py").write_text(
        "import random, sys\nfrom torch.utils.tensorboard import SummaryWriter\nw = SummaryWriter('runs/a')\n"
        "for epoch in range(3):\n    for r in (1.0, 2.0, 6.0):\n        w.add_scalar('return', r, epoch)\n",
    )
    assert project.sweep("init", "train.py")[0] == 0
    drafted = yaml.safe_load((project.path / "experiments.yaml").read_text())
    (source,) = drafted["trainer"]["metrics"]
    assert source == {"tensorboard": "{run_dir}/**", "several": {"return": "mean"}}
