"""Which option of a script takes settings as KEY=VALUE, and how it reads their values."""

import pytest

from sweeps.authoring.assignments import reading_style
from sweeps.authoring.interface import interface_of
from tests.sweeps.authoring.scripts import script_of

HEAD = "import argparse\np = argparse.ArgumentParser()\n"
SPLIT = "for item in args.x:\n    key, _, value = item.partition('=')\n"
CLICK = "import click\n@click.command()\n@click.option('-o', 'override', multiple=True, help='key=value')\ndef main(override): ...\n"


def assigning(folder, text):
    return [option.key for option in interface_of(script_of(folder, text)).options if option.assigns]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (f"{HEAD}p.add_argument('--put', action='append', metavar='SEC.KEY=VAL')", "put"),
        (f"{HEAD}p.add_argument('--with', nargs='+', help='settings as key=value')", "with"),
        (f"{HEAD}p.add_argument('--tags', nargs='*')\np.add_argument('--set', action='append')\n{SPLIT}", "set"),
        (f"{HEAD}p.add_argument('--cfg-options', nargs='+', action=DictAction)", "cfg-options"),
        (f"{HEAD}p.add_argument('opts', nargs='*')\nOmegaConf.from_dotlist(p.parse_args().opts)", "opts"),
        (CLICK, "o"),
    ],
)  # fmt: skip
def test_it_is_known_by_its_metavar_its_help_or_what_the_code_does_with_it(tmp_path, text, key):
    assert assigning(tmp_path, text) == [key]


@pytest.mark.parametrize(
    "text",
    [
        f"{HEAD}p.add_argument('--set', action='append')",
        f"{HEAD}p.add_argument('--tags', nargs='*')\n{SPLIT}",
        f"{HEAD}p.add_argument('--set', metavar='KEY=VALUE')\n{SPLIT}",
        f"{HEAD}p.add_argument('--set', type=int, nargs='+')\n{SPLIT}",
        f"{HEAD}p.add_argument('--sizes', nargs='+', help='as in width=3')",
    ],
)
def test_other_options_are_none(tmp_path, text):
    assert assigning(tmp_path, text) == []


@pytest.mark.parametrize(
    ("text", "style"),
    [
        ("OmegaConf.from_dotlist(opts)", "hydra"),
        ("import ast\nast.literal_eval(x)", "literal"),
        ("", "overrides"),
    ],
)
def test_values_are_spelled_as_the_code_reads_them(tmp_path, text, style):
    assert reading_style(script_of(tmp_path, text)) == style
