import ast

import pytest

from sweeps.authoring.literals import text_of
from sweeps.authoring.outputs.mapping_keys import Mappings, joined
from tests.sweeps.authoring.scripts import script_of


def keys(folder, text):
    """The keys of what the last `show(...)` of a script is given, as the source has them."""
    script = script_of(folder, text)
    *_, call = script.calls("show")
    return [text_of(key).strip("'") for key, _ in Mappings(script).entries(call.args[0])]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("show({'a': 1, 'b': 2})", ["a", "b"]),
        ("show(dict(a=1, **{'b': 2}))", ["a", "b"]),
        ("row = {'a': 1}\nrow['b'] = 2\nrow['c'], row['d'] = f()\nshow(row)", ["a", "b", "c", "d"]),
        ("row = {}\nrow.update({'a': 1}, b=2)\nshow(row)", ["a", "b"]),
        ("def run():\n    row = {'a': 1}\n    show(row)\nrow = {'b': 1}", ["a"]),
        ("rows = []\nfor e in x:\n    row = {'a': e}\n    rows.append(row)\nshow(rows)", ["a"]),
        ("h = {'a': []}\nh['b'].append(1)\nshow(h)", ["a", "b"]),
        ("show([{'a': e} for e in x])", ["a"]),
        ("def evaluate():\n    return {'a': 1}\nshow(evaluate() | {'b': 2})", ["a", "b"]),
        ("def log(row):\n    show({**row, 'b': 2})\nlog({'a': 1})", ["a", "b"]),
        ("class T:\n    def run(self):\n        self.h = {'a': 1}\n        show(self.h)", ["a"]),
        ("m = {'a': 1}\nshow({f'val/{k}': v for k, v in m.items()})", ["f'val/a"]),
        (
            "def log(step, **kw):\n    show({'s': step, **kw})\nlog(1, a=1, b=2)\nlog(step=2, c=3)",
            ["s", "a", "b", "c"],
        ),
        ("show(row.copy())\nrow = {'a': 1}", ["a"]),
        ("meter = MetricLogger()\nmeter.update(a=1)\nshow(meter)", []),
        ("row = defaultdict(list)\nrow['a'] = 1\nshow(row)", ["a"]),
        ("row = row\nshow(row)\nshow(other)", []),
    ],
)
def test_keys_are_followed_to_where_they_are_written(tmp_path, text, found):
    assert keys(tmp_path, text) == found


def test_a_key_in_anothers_mapping_is_joined_as_json_is_recorded():
    outer, inner = (ast.parse(text, mode="eval").body for text in ("'val'", "f'top{k}'"))
    assert text_of(joined(outer, inner)) == "f'val/top{k}'"
