import pytest

from sweeps.errors import Place
from tests.sweeps.specs import read

TEXT = "trainer: {run: m:f, epochs: n}\nsweeps: {a: {seeds: 1}}\n"


def test_parts_of_a_trainer_that_are_not_written_stand_where_the_trainer_does(tmp_path):
    trainer = read(tmp_path, TEXT, head="").trainer
    file = str(tmp_path / "e.yaml")
    assert trainer.place_of("run") == Place(file, 1, 16)
    assert trainer.place_of("config") == Place(file, 1, 10)


def identity_of(path, trainer):
    return read(path, "sweeps: {a: {seeds: 1}}\n", head=f"trainer: {trainer}\n").trainer.identity


def test_a_trainers_identity_is_its_dotted_name_or_its_commands_template(tmp_path):
    assert identity_of(tmp_path, "pkg.t:train") == "pkg.t:train"
    assert identity_of(tmp_path, "{run: 'pkg.t:train', epochs: n}") == "pkg.t:train"
    assert identity_of(tmp_path, "{command: [python, 'a b.py', --x, '{x}']}") == "python 'a b.py' --x '{x}'"


def test_a_long_commands_identity_fits_a_tag_and_tells_commands_apart(tmp_path):
    one, other = (identity_of(tmp_path, f"{{command: [python, {'x' * 20_000}{end}]}}") for end in "ab")
    assert one != other
    assert len(one) < 1100
    assert identity_of(tmp_path, '{command: [python, "\\udce9"]}').isprintable()


@pytest.mark.parametrize(
    ("trainer", "by_epoch"),
    [
        ("m:f", True),
        ("{run: m:f, epochs: trainer.max_epochs}", True),
        ("{run: m:f, epochs: max_steps}", False),
        ("{command: [python, t.py]}", None),
        ("{command: [python, t.py], epochs: steps}", False),
        ("{command: [python, t.py], progress: {metric: round, of: rounds}}", False),
    ],
)
def test_a_function_records_by_epoch_and_a_program_as_its_record_tells(tmp_path, trainer, by_epoch):
    spec = read(tmp_path, "sweeps: {a: {seeds: 1}}\n", head=f"trainer: {trainer}\n").trainer
    assert spec.by_epoch is by_epoch
