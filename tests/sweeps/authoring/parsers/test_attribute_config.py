import pytest

from tests.sweeps.authoring.scripts import defaults, drafted, interface

TEXT = """
import sys
from mingpt.utils import CfgNode as CN
class Model:
    @staticmethod
    def get_default_config():
        C = CN()
        C.width = 8
        C.depth = None
        return C
def get_config():
    C = CN()
    C.system = CN()
    C.system.seed = 3
    C.model = Model.get_default_config()
    C.model.width = 16
    return C
config = get_config()
config.merge_from_args(sys.argv[1:])
"""


def test_settings_are_followed_through_attributes_and_the_functions_that_make_parts(tmp_path):
    assert interface(tmp_path, TEXT).style == "literal"
    assert defaults(tmp_path, TEXT) == {"system.seed": 3, "model.width": 16, "model.depth": None}


def test_a_text_that_is_no_python_is_a_question_and_its_folder_is_the_place_it_runs_in(tmp_path):
    text = TEXT.replace("C.system.seed = 3", "C.system.seed = 3\n    C.system.work_dir = './out'")
    (option,) = (option for option in interface(tmp_path, text).options if option.key == "system.work_dir")
    assert "cannot read" in option.question
    assert 'cwd: "{run_dir}"' in drafted(tmp_path, text).text


def test_a_script_without_such_a_call_is_of_another_kind(tmp_path):
    assert interface(tmp_path, TEXT.replace("config.merge_from_args(sys.argv[1:])", "")).options == ()


YACS = """
import argparse
from yacs.config import CfgNode as CN
_C = CN()
_C.SEED = 3
_C.MODEL = CN()
_C.MODEL.WIDTHS = [8, 8]
_C.SOLVER = CN()
_C.SOLVER.BASE_LR = 0.1
parser = argparse.ArgumentParser()
parser.add_argument("--config-file", default="")
parser.add_argument({name}, nargs={nargs})
args = parser.parse_args()
cfg = _C.clone()
cfg.merge_from_file(args.config_file)
cfg.merge_from_list({taken})
"""


@pytest.mark.parametrize(
    ("name", "nargs", "taken", "flag"),
    [
        ('"--opts"', "argparse.REMAINDER", "args.opts", "--opts"),
        ('"opts"', "argparse.REMAINDER", "args.opts", ""),
        ('"--more-opts"', '"+"', "list(args.more_opts)", "--more-opts"),
    ],
)
def test_words_that_yacs_merges_are_the_settings_of_its_config(tmp_path, name, nargs, taken, flag):
    found = interface(tmp_path, YACS.format(name=name, nargs=nargs, taken=taken))
    assert (found.kind, found.style, found.rest_flag) == ("yacs", "yacs", flag)
    options = {option.key: option.default for option in found.options}
    assert options == {"SEED": 3, "MODEL.WIDTHS": [8, 8], "SOLVER.BASE_LR": 0.1}


def test_a_list_of_words_that_yacs_does_not_merge_is_an_option(tmp_path):
    found = interface(tmp_path, YACS.format(name='"--opts"', nargs='"+"', taken="other"))
    assert (found.style, {option.key for option in found.options}) == ("argparse", {"config-file", "opts"})
    found = interface(tmp_path, YACS.format(name='"--opts"', nargs="None", taken="args.opts"))
    assert found.style == "argparse"


@pytest.mark.parametrize(("name", "behind"), [('"--opts"', '"--opts", "{args}"'), ('"opts"', '"{args}"')])
def test_what_the_parser_of_yacs_needs_itself_stands_before_the_settings(tmp_path, name, behind):
    text = YACS.format(name=name, nargs="argparse.REMAINDER", taken="args.opts").replace(
        "args = parser",
        "parser.add_argument('--cfg', required=True)\n"
        "parser.add_argument('--output', default='output')\n"
        "parser.add_argument('--local_rank', required=True)\n"
        "args = parser",
    )
    shown = drafted(tmp_path, text).text
    words = shown.partition("command: [")[2].partition("]")[0]
    assert words == f'python, train.py, "--cfg", "{{cfg}}", "--output", "{{output}}", {behind}'
    assert 'output: "{run_dir}"' in shown
    assert "output:" not in shown.partition("args:")[2].partition("defaults:")[0]
