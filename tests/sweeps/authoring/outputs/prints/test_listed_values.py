import contextlib
import io

import pytest

from sweeps.authoring.outputs.prints.listed_values import listed_by
from sweeps.sources.formats.output import Pattern
from tests.sweeps.authoring.scripts import drafted, script_of

LOOP = """
log = [{{"epoch": e, "val/loss": 0.5 * e}} for e in (1, 2)]
for row in log:
    print("Epoch", row["epoch"], "ends")
    for key, value in {mapping}.items():
        {line}
"""


@pytest.mark.parametrize(
    "line",
    [
        "print('    {:15s}: {}'.format(str(key), value))",
        "print(f'{key}: {value}')",
        "print(f'| {key:<12} | {value:.4f} |')",
        "print(key, value)",
        "print(key, value, sep=' = ')",
        "print('%s=%f' % (key, value))",
    ],
)
def test_each_entry_of_a_mapping_that_is_printed_is_read_by_its_name(tmp_path, line):
    text = LOOP.format(mapping="row", line=line)
    (found,) = listed_by(script_of(tmp_path, text))
    with contextlib.redirect_stdout(io.StringIO()) as shown:
        exec(text, {})  # noqa: S102 - the test's own script, to have the lines that it prints
    rows = [
        match.values for row in shown.getvalue().splitlines() for match in Pattern(found.text).matches(row)
    ]
    assert rows == [{"epoch": 1}, {"val/loss": 0.5}, {"epoch": 2}, {"val/loss": 1.0}]
    draft = drafted(tmp_path, text).text
    assert f"- stdout: '{found.text}'" in draft
    assert "measures: {METRIC: higher}" in draft


@pytest.mark.parametrize(
    ("mapping", "line"),
    [
        ("vars(args)", "print(f'{key}: {value}')"),
        ("config", "print(f'{key}: {value}')"),
        ("row", "print(f'{key}: {value} {epoch}')"),
        ("row", "print(key)"),
        ("row", "print(f'{key}{value}')"),
    ],
)
def test_settings_and_other_lines_are_not_taken_for_metrics(tmp_path, mapping, line):
    assert listed_by(script_of(tmp_path, LOOP.format(mapping=mapping, line=line))) == []
