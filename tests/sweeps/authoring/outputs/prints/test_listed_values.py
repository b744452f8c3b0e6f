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
    assert "measures: {METRIC: higher or lower or neither}" in draft


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


ROWS = """
import json
for e in (1, 2):
    row = {first}
    row["val/loss"] = 0.5 * e
    row["lr"] = 0.1
    {more}
    print({shown}, flush=True)
print(json.dumps({{"lr": 7}}), {{"lr": 7}})
"""


@pytest.mark.parametrize("shown", ["json.dumps(row)", "row", "f'METRICS {json.dumps(row)}'"])
@pytest.mark.parametrize(("first", "more"), [("{'epoch': e}", "pass"), ("{}", "row['epoch'] = e")])
def test_a_mapping_that_is_printed_in_one_line_is_read_by_its_keys(tmp_path, shown, first, more):
    text = ROWS.format(first=first, more=more, shown=shown)
    (found,) = listed_by(script_of(tmp_path, text))
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(text, {})  # noqa: S102 - the test's own script, to have the lines that it prints
    steps, values, step = set(), [], 0
    for line in printed.getvalue().splitlines()[:2]:
        for match in Pattern(found.text).matches(line):
            step = match.values.get("epoch", step)
            steps.add(step)
            values += [(step, key, value) for key, value in match.values.items() if key != "epoch"]
    assert steps == {1, 2}
    assert values == [(1, "val/loss", 0.5), (1, "lr", 0.1), (2, "val/loss", 1.0), (2, "lr", 0.1)]
    assert "# measures: {val/loss: lower}" in drafted(tmp_path, text).text


def test_a_row_without_a_counter_has_its_steps_counted(tmp_path):
    text = "import json\nfor e in x:\n    print(json.dumps({'val_acc': e}))\n"
    (found,) = listed_by(script_of(tmp_path, text))
    assert found.several == "all"
    (found,) = listed_by(script_of(tmp_path, text.replace("{'val_acc'", "{'round': e, 'val_acc'")))
    assert (found.several, found.step) == ("", "round")


@pytest.mark.parametrize(
    "shown", ["vars(args)", "{'width': 3}", "{'loss': x, **more()}[k]", "{'val': {'loss': x}}", "[{f(): 1}]"]
)
def test_mappings_whose_keys_tell_no_metrics_are_not_read(tmp_path, shown):
    assert listed_by(script_of(tmp_path, f"import json\nprint(json.dumps({shown}))")) == []


@pytest.mark.parametrize("shown", ["f'epoch {e}', row", "f'epoch {e}: {row}'", "'epoch', e, json.dumps(row)"])
def test_a_counter_before_the_mapping_is_the_step_of_its_entries(tmp_path, shown):
    text = f"import json\nfor e in (1, 2):\n    row = {{'val_acc': 0.5}}\n    print({shown})\n"
    leader, found = listed_by(script_of(tmp_path, text))
    assert (leader.leads, found.several) == (True, "")
    assert [match.values for match in Pattern(leader.text).matches("epoch 2: {'val_acc': 0.5}")] == [
        {"epoch": 2}
    ]
