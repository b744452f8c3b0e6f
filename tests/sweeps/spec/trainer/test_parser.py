import pytest

from sweeps.errors import SpecError
from sweeps.spec.parser import read_spec
from sweeps.spec.trainer.parser import COMMAND_KEYS


@pytest.fixture
def trainer(tmp_path):
    def read(text):
        path = tmp_path / "e.yaml"
        path.write_text(f"trainer: {text}\nsweeps: {{a: {{seeds: 1}}}}\n")
        return read_spec(path).trainer

    return read


def test_a_function_is_named_by_a_word(trainer):
    assert trainer("a.b:c").run == "a.b:c"


def test_a_command_is_a_list_of_words(trainer):
    read = trainer("{command: [python, x.py, 1, true], epochs: n}")
    assert (read.command, read.epochs) == (("python", "x.py", "1", "true"), "n")


@pytest.mark.parametrize("key", COMMAND_KEYS)
def test_what_only_a_command_has_is_refused_for_a_function(trainer, key):
    with pytest.raises(SpecError, match=f"`{key}` is for a `command:`"):
        trainer(f"{{run: 'a:b', {key}: x}}")
