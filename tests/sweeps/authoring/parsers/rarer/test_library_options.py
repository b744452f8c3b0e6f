import pytest

from tests.sweeps.authoring.scripts import drafted, interface


@pytest.mark.parametrize(
    ("loaded", "style", "rate"),
    [("", "yacs", "SOLVER.BASE_LR"), ("LazyConfig.load(args.config_file)", "hydra", "")],
)
def test_the_parser_of_detectron2_takes_a_config_and_settings_behind_it(tmp_path, loaded, style, rate):
    text = (
        "from detectron2.config import LazyConfig\n"
        "from detectron2.engine import default_argument_parser\n"
        f"args = default_argument_parser().parse_args()\n{loaded}\n"
    )
    found = interface(tmp_path, text)
    assert found.style == style
    assert [one.key for one in found.options if one.is_required] == ["config-file"]
    assert ("SOLVER.BASE_LR" in [one.key for one in found.options]) == bool(rate)


OPENMMLAB = """
import argparse
from mmengine.config import Config, DictAction
from mmengine.runner import Runner
p = argparse.ArgumentParser()
p.add_argument("config", help="path")
p.add_argument("--work-dir")
p.add_argument("--cfg-options", nargs="+", action=DictAction)
args = p.parse_args()
Runner.from_cfg(Config.fromfile(args.config)).train()
"""


def test_a_script_of_openmmlab_has_its_settings_behind_cfg_options(tmp_path):
    text = drafted(tmp_path, OPENMMLAB).text
    assert '[python, train.py, "{config}", "--cfg-options", "{args}", "--work-dir={run_dir}"]' in text
    assert "seed: randomness.seed" in text
    assert '{jsonl: "{run_dir}/**/vis_data/scalars.json", step: step}' in text


def test_the_same_words_without_the_library_are_options_of_argparse(tmp_path):
    assert interface(tmp_path, OPENMMLAB.replace("mmengine", "mine")).kind == "argparse"


def test_detectron2_writes_lines_of_its_own(tmp_path):
    text = "from detectron2.engine import DefaultTrainer\nclass Trainer(DefaultTrainer): ...\n"
    assert '{jsonl: "{run_dir}/**/metrics.json", step: iteration}' in drafted(tmp_path, text).text


def test_a_recipe_of_speechbrain_has_a_file_of_which_each_key_is_an_option(tmp_path):
    text = """
    import sys
    import speechbrain as sb
    file, run_opts, overrides = sb.parse_arguments(sys.argv[1:])
    """
    found = interface(tmp_path, text)
    assert [one.key for one in found.options if one.is_required] == ["hparams_file"]
    shown = drafted(tmp_path, text).text
    assert 'command: [python, train.py, "{hparams_file}", "{args}"]' in shown
    assert 'output_folder: "{run_dir}"' in shown
    assert "seeds: [0, 1]" in shown
