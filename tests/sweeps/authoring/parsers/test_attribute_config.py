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
