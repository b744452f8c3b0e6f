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


def test_what_a_length_is_counted_in_is_told_by_the_name_of_its_key(tmp_path):
    units = {}
    for key in ("num_epoch", "trainer.maxEpochs", "max_iters", "steps"):
        text = TEXT.replace("epochs: n", f"epochs: {key}")
        units[key] = read(tmp_path, text, head="").trainer.unit
    assert units == {"num_epoch": "epoch", "trainer.maxEpochs": "epoch", "max_iters": "step", "steps": "step"}


@pytest.mark.parametrize(
    ("more", "unit"),
    [
        (r"metrics: [{stdout: 'epoch (?P<epoch>\d+) (?P<loss>\S+)'}]", "epoch"),
        (r"metrics: [{stdout: 'iter (?P<iter>\d+) (?P<loss>\S+)'}]", "step"),
        ("progress: {metric: epoch, of: n}", "epoch"),
        ("progress: {metric: step, of: n}", "step"),
        (
            r"metrics: [{stdout: 'epoch (?P<epoch>\d+) (?P<loss>\S+)'}], progress: {metric: step, of: n}",
            "step",
        ),
        ("progress: {metric: step, of: n_epochs}", "epoch"),
    ],
)
def test_what_the_sources_call_epoch_is_called_so(tmp_path, more, unit):
    head = f"trainer: {{command: [python, t.py], epochs: n, {more}}}\n"
    if "of: n" in more:
        head = head.replace("epochs: n, ", "")
    assert read(tmp_path, "sweeps: {a: {seeds: 1}}\n", head=head).trainer.unit == unit
