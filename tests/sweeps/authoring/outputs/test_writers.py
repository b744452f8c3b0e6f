import pytest
import yaml

from sweeps.authoring.outputs.writers import written_by
from tests.sweeps.authoring.scripts import HEAD, drafted, script_of, trainer


def sources(folder, text):
    return [(source.kind, source.text) for source in written_by(script_of(folder, text)).sources]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("from torch.utils.tensorboard import SummaryWriter as W\nW('runs/x')\n", ("tensorboard", "{run_dir}/**")),
        ("import mlflow\nmlflow.sklearn.autolog()\n", ("mlflow", "")),
        ("import mlflow as m\nm.log_metric('a', 1)\n", ("mlflow", "")),
        ("import wandb\nwandb.init()\n", ("wandb", "{run_dir}/wandb")),
        ("from lightning.pytorch.loggers import CSVLogger\nCSVLogger('logs')\n", ("csv", "{run_dir}/**/metrics.csv")),
        ("from keras.callbacks import CSVLogger\nCSVLogger('logs/t.csv')\n", ("csv", "{run_dir}/**/t.csv")),
        ("import csv\nwith open(args.out + '/log.csv', 'w') as f:\n    csv.writer(f)\n", ("csv", "{run_dir}/**/log.csv")),
        ("frame.to_csv(f'{out}/fold_{n}.csv')\n", ("csv", "{run_dir}/**/fold_*.csv")),
        ("from pathlib import Path\np = Path(out) / 'log.jsonl'\nf = p.open('a')\n", ("jsonl", "{run_dir}/**/log.jsonl")),
        ("import json\nopen('log.json', 'a').write(json.dumps(row) + '\\n')\n", ("jsonl", "{run_dir}/**/log.json")),
        ("from transformers import Trainer\nTrainer(model)\n", ("json", "{run_dir}/**/trainer_state.json")),
    ],
)  # fmt: skip
def test_what_writes_metrics_is_recognised(tmp_path, text, found):
    assert sources(tmp_path, text) == [found]


def test_what_is_read_or_is_a_config_is_no_source(tmp_path):
    assert (
        sources(tmp_path, "import json\nopen('log.csv')\njson.dump(vars(args), open('args.json', 'w'))\n")
        == []
    )


def test_a_writer_that_an_option_turns_on_is_a_question(tmp_path):
    text = "import wandb\nif args.track:\n    wandb.init()\n"
    assert written_by(script_of(tmp_path, text)).sources[0].question
    text = "import wandb\nif __name__ == '__main__':\n    wandb.init()\n"
    assert not written_by(script_of(tmp_path, text)).sources[0].question


@pytest.mark.parametrize(
    ("name", "is_asked"),
    [
        ("real_prediction.csv", True),
        ("preds.csv", True),
        ("submission.csv", True),
        ("features.csv", True),
        ("predictor_log.csv", False),
        ("metrics.csv", False),
    ],
)
def test_a_table_of_what_a_model_predicts_is_a_question(tmp_path, name, is_asked):
    (found,) = written_by(script_of(tmp_path, f"frame.to_csv('{name}')\n")).sources
    assert bool(found.question) == is_asked


def test_relative_paths_that_it_writes_and_reads_are_told_apart(tmp_path):
    written = written_by(
        script_of(
            tmp_path,
            """
            import os, torch
            from torch.utils.tensorboard import SummaryWriter
            SummaryWriter()
            os.makedirs("ckpt", exist_ok=True)
            torch.save(model, "ckpt/model.pt")
            torch.save(model, args.out + "/model.pt")
            open("/scratch/x", "w")
            open("data/names.txt")
            Set(root="../data")
            """,
        )
    )
    assert written.here == ("runs", "ckpt", "ckpt/model.pt")
    assert written.read == ("data/names.txt", "../data")


LOGGERS = "from lightning.pytorch.loggers import CSVLogger, MLFlowLogger, TensorBoardLogger, WandbLogger\n"


@pytest.mark.parametrize(
    ("text", "step"),
    [
        (f"{LOGGERS}CSVLogger('logs')\n", "epoch"),
        ("import pytorch_lightning as pl\npl.loggers.CSVLogger('logs')\n", "epoch"),
        ("import lightning as L\nL.Trainer(max_epochs=3)\n", "epoch"),
        ("from lightning.fabric.loggers import CSVLogger\nCSVLogger('logs')\n", ""),
        ("from keras.callbacks import CSVLogger\nCSVLogger('logs/t.csv')\n", ""),
        (f"{LOGGERS}x = [CSVLogger('logs'), MLFlowLogger()]\n", ""),
        (f"{LOGGERS}x = [CSVLogger('logs'), WandbLogger()]\n", ""),
    ],
)
def test_the_table_of_lightnings_trainer_counts_epochs(tmp_path, text, step):
    (table,) = [one for one in written_by(script_of(tmp_path, text)).sources if one.kind == "csv"]
    assert (table.step, bool(table.step_told)) == (step, bool(step))


def test_what_lightning_writes_beside_its_table_at_other_steps_is_a_question(tmp_path):
    text = f"{LOGGERS}x = [TensorBoardLogger('logs'), CSVLogger('logs')]\n"
    asked = {one.kind: one.question for one in written_by(script_of(tmp_path, text)).sources}
    assert asked["csv"] == ""
    assert asked["tensorboard"] == "the same metrics as in metrics.csv, at Lightning's global steps"
    by_step = written_by(script_of(tmp_path, f"{text}WandbLogger()\n")).sources
    assert {one.question for one in by_step} == {""}
    (alone,) = written_by(script_of(tmp_path, f"{LOGGERS}TensorBoardLogger('logs')\n")).sources
    assert alone.question == ""


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        (
            "with open(os.path.join(out, 'log.txt'), 'a') as f:\n    f.write(json.dumps(row) + '\\n')\n",
            ["jsonl"],
        ),
        ("f = open(f'{out}/run.log', 'w')\nprint(json.dumps(row), file=f)\n", ["jsonl"]),
        ("with open(f'{out}/log.txt', 'a') as f:\n    f.write(str(row))\n", []),
    ],
)
def test_lines_of_json_are_read_from_a_text_file_too(tmp_path, text, kinds):
    found = written_by(script_of(tmp_path, f"import json, os\n{text}")).sources
    assert [source.kind for source in found] == kinds


def test_a_table_of_the_trials_of_a_study_holds_no_metrics(tmp_path):
    text = "study.trials_dataframe().to_csv('report.csv')\n"
    assert written_by(script_of(tmp_path, text)).sources == ()


def test_the_usual_writer_of_clu_writes_events(tmp_path):
    text = "from clu import metric_writers\nwriter = metric_writers.create_default_writer(workdir)\n"
    (found,) = written_by(script_of(tmp_path, text)).sources
    assert found.kind == "tensorboard"


def test_a_file_that_an_option_names_is_found_by_its_default(tmp_path):
    text = (
        HEAD
        + "p.add_argument('--out', default='log/rows.jsonl')\nargs = p.parse_args()\nopen(args.out, 'w')\n"
    )
    assert trainer(tmp_path, text)["metrics"] == [{"jsonl": "{run_dir}/**/rows.jsonl"}]
    assert "cwd" not in trainer(tmp_path, text)


@pytest.mark.parametrize(
    ("write", "default", "place"),
    [
        ("frame.to_csv(args.tables)", "results/scores.csv", "{run_dir}/scores.csv"),
        ("open(args.tables, 'w')", "scores", "{run_dir}/scores"),
        ("Path(args.tables).write_text(x)", "a.txt", "{run_dir}/a.txt"),
        ("Path(args.tables).open('a')", "a.txt", "{run_dir}/a.txt"),
        ("open(args.tables)", "a.txt", "a.txt"),
        ("open(args.tables, 'w')", "", ""),
    ],
)
def test_an_option_for_a_file_that_the_script_writes_is_an_output_whatever_its_name(
    tmp_path, write, default, place
):
    text = f"{HEAD}p.add_argument('--tables', default={default!r})\nargs = p.parse_args()\n{write}\n"
    assert yaml.safe_load(drafted(tmp_path, text).text)["defaults"] == {"tables": place}


def test_a_file_of_data_that_a_script_makes_where_it_lacks_is_no_output(tmp_path):
    text = f"{HEAD}p.add_argument('--data-file', default='d.csv')\nargs = p.parse_args()\nopen(args.data_file, 'w')\n"
    assert yaml.safe_load(drafted(tmp_path, text).text)["defaults"] == {"data_file": "d.csv"}


def test_documents_that_a_function_is_given_are_asked_for_where_it_is_one_of_a_known_name(tmp_path):
    head = "def save(path):\n    with open(path, 'w') as f:\n        f.write(x)\n"
    (one,) = written_by(script_of(tmp_path, f"{head}save('results.json')\n")).sources
    assert (one.text, bool(one.question)) == ("{run_dir}/**/results.json", True)
    assert written_by(script_of(tmp_path, f"{head}save('a.json')\nsave('b.json')\n")).sources == ()
    assert written_by(script_of(tmp_path, f"{head}save(name() + '.json')\n")).sources == ()


@pytest.mark.parametrize(
    ("head", "call"),
    [
        (
            "def write(path, row):\n    with open(path, 'a') as f:\n        f.write(row)\n",
            "write(out + '/log.jsonl', x)",
        ),
        (
            "def write(path, row):\n    with path.open('a') as f:\n        f.write(row)\n",
            "write(row=x, path=out / 'log.jsonl')",
        ),
        (
            "class L:\n    def write(self, path):\n        open(path, 'w')\n",
            "L().write(Path(out) / 'log.jsonl')",
        ),
    ],
)
def test_a_file_that_a_function_is_given_is_one_of_those_that_its_calls_name(tmp_path, head, call):
    found = written_by(script_of(tmp_path, f"{head}{call}\n{call.replace('log.jsonl', 'notes.txt')}\n"))
    assert [(source.kind, source.text) for source in found.sources] == [("jsonl", "{run_dir}/**/log.jsonl")]
