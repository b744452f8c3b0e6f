"""The files that trials name: real files, and real specs."""

import os

import pytest

from analysis.read.store import RunRecord
from analysis.read.tags import FileState, files_text
from sweeps.trainer.changes import named_files
from sweeps.trainer.changes.named_files import NamedFiles, files_now, state_of, without_written
from sweeps.trainer.loader import load_trainer
from tests.folders import write_files
from tests.sweeps.specs import read


def of_hydra(folder):
    """A script and its configs, of which a trial takes the first file of a group or that which is chosen."""
    decorator = "@hydra.main(config_path='conf', config_name='config')"
    (folder / "train.py").write_text(f"import hydra\n{decorator}\ndef main(cfg): ...\n")
    (folder / "conf/model").mkdir(parents=True)
    (folder / "conf/config.yaml").write_text("defaults: [{model: a}]\n")
    for name in "abc":
        (folder / f"conf/model/{name}.yaml").write_text("lr: 1\n")
    return "args: hydra, " + COMMAND.format("'{args}'")


@pytest.fixture
def named(tmp_path, monkeypatch):
    """A project, and which files a trial of a trainer names there."""
    monkeypatch.chdir(tmp_path)
    names = (
        *("helper.py", "data/train.csv", "data/test.csv", "out.csv", "model.pt", "mlflow.db", "base.yaml"),
        *(".sweep/runs/a.txt", "__pycache__/c.txt", "sub/own.txt", "python3.11", "python_data.csv"),
    )
    write_files(tmp_path, {**{name: f"# {name}\n" for name in names}, "train.py": "import helper\n"})

    def of(said, **config):
        written = said if said.startswith("trainer:") else f"trainer: {{{said}}}"
        spec = read(tmp_path, "sweeps: {a: {set: {x: 1}}}", f"{written}\n")
        trainer, problems = load_trainer(spec.trainer)
        assert problems == ()
        return sorted(NamedFiles(trainer).of(config, "trial"))

    return of


COMMAND = "command: [python, train.py, {}]"


def test_words_of_the_command_that_are_files_are_named_and_code_is_not(named, tmp_path):
    words = f"--data, data/train.csv, --test=data/test.csv, '@model.pt', '{tmp_path}/python_data.csv', helper.py, data, none"
    expected = ["data/test.csv", "data/train.csv", "model.pt", "python_data.csv"]
    assert named(COMMAND.format(words)) == expected


def test_what_a_config_file_names_is_named_from_where_the_program_runs_or_from_the_config(named, tmp_path):
    text = "[data]\ncsv = data/train.csv\nother = test.csv\nout = out.csv\ntoken = model.pt\nnone = x.csv\n"
    write_files(tmp_path, {"data/base.ini": text, "many.yaml": "a: [data/test.csv, 3]\nb: {c: model.pt}\n"})
    found = ["data/base.ini", "data/test.csv", "data/train.csv"]
    assert named(COMMAND.format("--config, data/base.ini")) == found
    assert named(COMMAND.format("'{args}'"), config="data/base.ini") == found
    moved = "cwd: '{run_dir}', link: [data], " + COMMAND.format("--config, data/base.ini")
    assert named(moved) == found
    assert named(COMMAND.format("many.yaml")) == ["data/test.csv", "many.yaml", "model.pt"]
    (tmp_path / "many.yaml").write_text("a: [\n")
    assert named(COMMAND.format("many.yaml")) == ["many.yaml"]


def test_settings_that_are_files_are_named_however_they_reach_the_program(named):
    config = {"data": "data/train.csv", "more": ["data/test.csv", 3], "lr": 0.1, "kind": "data"}
    assert named(COMMAND.format("'{args}'"), **config) == ["data/test.csv", "data/train.csv"]
    assert named(COMMAND.format("'data/{set}.csv'"), set="test") == ["data/test.csv"]
    assert named("env: {SET: 'data/{set}.csv'}, " + COMMAND.format("a"), set="test") == ["data/test.csv"]
    assert named("run: 'tests.sweeps.specs:train'", **config) == ["data/test.csv", "data/train.csv"]


def test_places_to_write_to_are_not_named(named):
    config = {"output": "out.csv", "trainer.save_path": "model.pt", "x": "out.csv"}
    assert named(COMMAND.format("--log, out.csv, '--save={x}', +trainer.out=model.pt"), **config) == []


def test_what_is_none_of_a_programs_files_is_not_named(named):
    words = "mlflow.db, .sweep/runs/a.txt, __pycache__/c.txt, ./python3.11, /proc/self/status, e.yaml"
    assert named(COMMAND.format(words)) == []


def test_a_secret_is_not_named_and_a_tokenizer_is(named, tmp_path):
    for name in ("hf_token.txt", "x", ".env", "tokenizer.json", "tokens.bin"):
        (tmp_path / name).touch()
    words = "hf_token.txt, --password-file, x, api_key=x, .env, --vocab, tokenizer.json, tokens.bin"
    assert named(COMMAND.format(words), **{"wandb.api_key": "x"}) == ["tokenizer.json", "tokens.bin"]


def test_a_path_leads_from_the_folder_where_the_program_runs(named, tmp_path):
    (tmp_path / "data/train.csv").rename(tmp_path / "sub/train.csv")
    assert named("cwd: sub, " + COMMAND.format("own.txt, ../data/test.csv")) == [
        "data/test.csv",
        "sub/own.txt",
    ]
    said = "cwd: '{run_dir}', link: {sets: sub, model.pt: model.pt}, "
    assert named(said + COMMAND.format("sets/own.txt, data/test.csv, '{run_dir}/x'")) == [
        "model.pt",
        "sub/own.txt",
    ]


def test_values_of_the_programs_own_config_file_are_settings(named, tmp_path):
    (tmp_path / "base.yaml").write_text("data: {train: data/train.csv, test: data/test.csv}\n")
    said = "config_file: base.yaml, " + COMMAND.format("'{trial_config}'")
    assert named(said) == ["data/test.csv", "data/train.csv"]
    assert named(said, **{"data.train": "model.pt"}) == ["data/test.csv", "model.pt"]


def test_a_command_that_cannot_be_made_names_nothing(named):
    assert named(COMMAND.format("'{newest:nothing/*.pt}', model.pt")) == []


def test_a_file_is_known_by_its_content_and_a_large_one_by_size_and_time(tmp_path, monkeypatch):
    path = tmp_path / "a.csv"
    path.write_text("1")
    before = state_of(path)
    os.utime(path, ns=(1, 1))
    assert state_of(path).content == before.content
    path.write_text("2")
    assert state_of(path).content != before.content
    monkeypatch.setattr(named_files, "MOST_BYTES", 0)
    large = state_of(path)
    os.utime(path, ns=(10**9, 10**9))
    assert large.digest is None
    assert state_of(path).content != large.content
    assert state_of(tmp_path) is state_of(tmp_path / "none") is None


def test_a_file_that_did_not_change_is_read_once(tmp_path, monkeypatch):
    path = tmp_path / "a.csv"
    path.write_text("1")
    first = state_of(path)
    monkeypatch.setattr("pathlib.Path.open", lambda *_: pytest.fail("read again"))
    assert state_of(path) == first


def test_a_file_that_changed_meanwhile_is_the_trials_own_unless_people_edit_such_files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = ("a.csv", "b.csv", "c.yaml", "d.csv")
    for name in names:
        (tmp_path / name).write_text("1")
    found = {name: state_of(tmp_path / name) for name in names}
    for name in ("b.csv", "c.yaml"):
        (tmp_path / name).write_text("22")
    (tmp_path / "d.csv").unlink()
    assert without_written(found).keys() == {"a.csv", "c.yaml", "d.csv"}


def run(**files):
    return RunRecord("r", "r", None, "trial", "FINISHED", 0, 1, {"sweeps.files": files_text(files)})


def test_what_files_hold_now_is_found_for_the_paths_that_runs_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a").write_text("1")
    (tmp_path / "b").write_bytes(bytes(2 << 20))
    here = {name: state_of(tmp_path / name) for name in "ab"}
    runs = [run(a=FileState("old", 1, 1), gone=FileState("x", 1, 1)), run(b=here["b"])]
    assert files_now(runs) == here
    assert files_now([RunRecord("r", "r", None, "trial", "FINISHED", 0, 1, {})]) == {}
    monkeypatch.setattr(named_files, "state_of", lambda _: pytest.fail("read although its state is known"))
    assert files_now(runs[1:]) == {"b": here["b"]}


def test_a_trial_names_the_configs_that_hydra_puts_together_for_it(named, tmp_path):
    said = of_hydra(tmp_path)
    assert named(said) == ["conf/config.yaml", "conf/model/a.yaml"]
    assert named(said, model="b") == ["conf/config.yaml", "conf/model/b.yaml"]
    (tmp_path / "conf/config.yaml").write_text("defaults: [{model: '${x}'}]\n")
    assert named(said, model="b") == []


def test_configs_are_as_the_copy_of_the_code_has_them_and_words_are_read_where_they_are(
    tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    of_hydra(tmp_path)
    said = "args: hydra, " + COMMAND.format("conf/model/c.yaml, data.csv, '{args}'")
    (tmp_path / "data.csv").write_text("1")
    (tmp_path / "copy").mkdir()
    (tmp_path / "copy/a.yaml").write_text("lr: 2\n")
    trainer, _ = load_trainer(read(tmp_path, "sweeps: {a: {set: {x: 1}}}", f"trainer: {{{said}}}\n").trainer)
    found = NamedFiles(trainer, lambda path: tmp_path / "copy/a.yaml" if path.suffix == ".yaml" else None).of(
        {}, "t"
    )
    assert list(found) == ["conf/model/c.yaml", "data.csv", "conf/config.yaml", "conf/model/a.yaml"]
    assert found["conf/model/c.yaml"] == state_of(tmp_path / "conf/model/c.yaml")
    assert found["conf/model/a.yaml"] == state_of(tmp_path / "copy/a.yaml") != found["conf/model/c.yaml"]


def test_the_files_that_a_shells_text_reads_are_named_and_those_that_it_writes_are_not(named):
    text = "julia model.pt --data data/train.csv --out=out.csv < data/test.csv > base.yaml && python train.py"
    assert named(f"command: [sh, -c, '{text}']") == ["data/test.csv", "data/train.csv", "model.pt"]
