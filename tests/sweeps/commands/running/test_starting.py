"""What trials start with, and in which order, through `sweep run`."""

import pytest


@pytest.mark.parametrize(
    ("order", "first"), [("", ["factor0.9", "factor0.5"]), ("order: file\n", ["factor0.5", "factor0.9"])]
)
def test_the_longest_trial_starts_first_unless_the_file_has_its_order(order, first, project):
    project.spec(
        f"{order}defaults: {{num_epoch: 2}}\nsweeps: {{a: {{grid: {{factor: [0.5, 0.9]}}, when: [{{if: {{factor: 0.9}}, set: {{num_epoch: 6}}}}]}}}}\n"
    )
    code, output = project.ran("--jobs", "1")
    assert code == 0, output
    started = [
        line.split()[1].strip(":").partition("/")[2]
        for line in output.splitlines()
        if line.endswith(": started")
    ]
    assert started == first
