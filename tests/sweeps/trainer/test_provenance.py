import pytest

from sweeps.errors import Place
from sweeps.spec.model import TrainerSpec
from sweeps.trainer.provenance import HOST, code_identity, digest_of, environment_identity, trainer_sources

HERE = Place("e.yaml")


def test_the_digest_is_of_names_and_contents_alone(tmp_path):
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.py").write_text("x = 1\n")
    digests = [digest_of([tmp_path / folder / "a.py"], tmp_path / folder) for folder in ("one", "two")]
    assert digests[0] == digests[1]
    (tmp_path / "two" / "a.py").write_text("x = 2\n")
    assert digest_of([tmp_path / "two" / "a.py"], tmp_path / "two") != digests[0]
    with pytest.raises(OSError, match="missing"):
        digest_of([tmp_path / "missing.py"], tmp_path)


def test_the_sources_of_a_command_are_the_scripts_that_it_names(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "train.py").write_text("")
    spec = TrainerSpec(None, ("python", "train.py", "gone.py", "--lr"), None, "epochs", HERE)
    assert [path.name for path in trainer_sources(spec)] == ["train.py"]


def test_a_trainer_that_cannot_be_found_has_no_digest():
    spec = TrainerSpec("no_such_module:train", None, None, "epochs", HERE)
    assert code_identity(spec)["digest"] is None


def test_the_environment_names_interpreter_packages_and_host():
    identity = environment_identity()
    assert {"python", "platform", "mlflow", HOST} <= identity.keys()
