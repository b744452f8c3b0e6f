from tests.sweeps.authoring.scripts import defaults, interface, options


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
