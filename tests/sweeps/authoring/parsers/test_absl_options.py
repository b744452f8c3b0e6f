from dataclasses import replace

from sweeps.authoring.interface import interface_of
from tests.sweeps.authoring.scripts import defaults, interface, options, script_of


def test_flags_are_read_by_their_definitions(tmp_path):
    found = options(
        tmp_path,
        """
        from absl import app, flags
        FLAGS = flags.FLAGS
        flags.DEFINE_float("lr", 1, "the rate", lower_bound=0)
        flags.DEFINE_enum("kind", "a", ["a", "b"], "which")
        flags.DEFINE_bool("train", True, "whether")
        flags.DEFINE_list("sizes", "64, 32", "widths")
        _X = flags.DEFINE_multi_integer("x", [1, 2], "more")
        flags.DEFINE_string("out", None, "where")
        flags.mark_flag_as_required("out")
        """,
    )
    assert (found["lr"].default, found["lr"].help) == (1.0, "the rate")
    assert found["kind"].choices == ("a", "b")
    assert found["train"].default is True
    assert (found["sizes"].default, found["sizes"].lists) == (["64", "32"], "comma")
    assert found["x"].lists == "repeat"
    assert found["out"].is_required


def test_a_config_file_of_ml_collections_is_read(tmp_path):
    text = """
    from absl import flags
    from ml_collections import config_flags
    config_flags.DEFINE_config_file("config", "configs/default.py", "the settings")
    flags.DEFINE_string("workdir", None, "where", required=True)
    """
    config = "import ml_collections\ndef get_config():\n    config = ml_collections.ConfigDict()\n    config.lr = 0.1\n    config.model = m = ml_collections.ConfigDict()\n    m.width = 4\n    return config\n"
    found = interface(tmp_path, text, configs__default=config)
    assert found.style == "ml_collections"
    assert found.before == ("--config=configs/default.py",)
    assert defaults(tmp_path, text, configs__default=config) == {"workdir": None, "lr": 0.1, "model.width": 4}
    (needed, *_) = found.options
    assert (needed.flag, needed.is_required) == ("--workdir", True)


def test_the_config_file_that_is_typed_is_the_one_that_is_read(tmp_path):
    text = """
    from ml_collections import config_flags
    config_flags.DEFINE_config_file("config", "a.py")
    """
    config = "def get_config():\n    config = ConfigDict()\n    config.lr = 0.{}\n    return config\n"
    script = script_of(tmp_path, text, a=config.format(1), b=config.format(2))
    found = interface_of(replace(script, words=("--config=b.py:large",)))
    assert (found.before, [option.default for option in found.options]) == (("--config=b.py:large",), [0.2])
    unread = interface_of(replace(script, words=("--config", "none.py")))
    assert "--config" in unread.config_flags


NEEDED = """
from absl import flags
from ml_collections import config_flags
config_flags.DEFINE_config_file("config", None, "the settings")
flags.mark_flags_as_required(["config"])
"""


def test_a_config_file_without_default_is_the_usual_one_beside_the_script_or_asked_for(tmp_path):
    config = "def get_config():\n    config = ConfigDict()\n    config.lr = 0.5\n    return config\n"
    found = interface(tmp_path, NEEDED, configs__default=config)
    assert [(option.key, option.default) for option in found.options] == [("lr", 0.5)]
    assert found.before == (f"--config={tmp_path}/configs/default.py",)
    assert "has no default: is it" in found.comments[0]
    (tmp_path / "configs" / "default.py").unlink()
    (needed,) = interface(tmp_path, NEEDED).options
    assert (needed.flag, needed.is_required, needed.help) == ("--config", True, "the settings")
