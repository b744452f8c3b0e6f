import json
import textwrap
from dataclasses import replace

import pytest

from sweeps.errors import SpecError
from sweeps.spec.trainer.source_model import Sources
from tests.sweeps.specs import read

SWEEPS = "sweeps: {a: {seeds: 1}}\n"


@pytest.fixture
def trainer(tmp_path):
    def of(text):
        body = textwrap.indent(textwrap.dedent(text), "  ")
        return read(tmp_path, SWEEPS, head=f"trainer:\n  command: [python]\n{body}\n").trainer

    return of


@pytest.fixture
def told(trainer, tmp_path):
    def of(text):
        with pytest.raises(SpecError) as caught:
            trainer(text)
        return str(caught.value).replace(f"{tmp_path}/", "")

    return of


def test_a_trainer_that_says_nothing_has_the_usual(trainer):
    assert trainer("").sources == Sources()


def test_everything_that_can_be_said_is_read(trainer):
    read_one = trainer(
        r"""
        metrics:
          - tensorboard: "{run_dir}/**"
          - stdout: 'Epoch (?P<epoch>\d+) \[(?P<batch>\d+)/(?P<of>\d+).*loss (?P<loss>\S+)'
            step: (epoch - 1) * of + batch
            several: mean
          - stdout: '(?P<name>\w+)=(?P<value>\S+)'
            step: final
          - csv: "{run_dir}/**/metrics.csv"
          - {json: state.json, at: log_history}
          - mlflow: true
        rename: {Loss/Train: train/loss, "PSNR/{epoch}": frame/psnr}
        derive: {accuracy: correct / n}
        progress: {metric: epoch, of: max_epochs}
        """
    )
    sources = read_one.sources
    kinds = ["tensorboard", "stdout", "stdout", "csv", "json", "mlflow"]
    assert [source.kind for source in sources.sources] == kinds
    assert (sources.sources[1].step, sources.sources[1].several) == ("(epoch - 1) * of + batch", "mean")
    assert sources.sources[4].at == "log_history"
    assert (sources.rename["PSNR/{epoch}"], sources.derive) == ("frame/psnr", {"accuracy": "correct / n"})
    assert (sources.progress, read_one.epochs) == ("epoch", "max_epochs")


def test_a_pattern_may_tell_the_step_alone_where_another_source_gives_values(trainer):
    read_one = trainer(r"metrics: [{stdout: 'Round (?P<n>\d+)', step: n}, {stdout: 'loss (?P<loss>\S+)'}]")
    assert [source.tells_steps_only for source in read_one.sources.sources] == [True, False]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("metrics: stdout", "e.yaml:3:12: trainer.metrics: must be a list"),
        ("metrics: [stdout]", "an entry says what is read where, such as `- csv"),
        ("metrics: [{step: epoch}]", "an entry names one of stdout, csv"),
        ("metrics: [{csv: a.csv, json: a.json}]", "an entry names one of stdout, csv"),
        ("metrics: [{cvs: a.csv}]", "unknown key 'cvs'; did you mean 'csv'?"),
        (
            "metrics: [{stdout: 'loss (?P<loss>[0-9'}]",
            "e.yaml:3:22: trainer.metrics.stdout: 'loss (?P<loss>[0-9' is no regular expression",
        ),
        (r"metrics: [{stdout: 'loss \S+'}]", "it has no groups, so that it gives no metric"),
        (r"metrics: [{stdout: 'loss (\S+)'}]", "its groups have no names"),
        (r"metrics: [{stdout: '(?P<name>\w+)'}]", "`value` is missing"),
        (r"metrics: [{stdout: 'a\n(?P<loss>\w+)'}]", "matched line by line"),
        (
            r"metrics: [{stdout: '(?P<step>\d+)'}]",
            "every group makes up the step, so that nothing gives a metric",
        ),
        (r"metrics: [{stdout: '(?P<step>\d+)', step: final}, {csv: a.csv}]", "`step: final` asks for none"),
        (
            r"metrics: [{stdout: '(?P<loss>\d+)', step: epoch}]",
            "the pattern has no group 'epoch'; it has loss",
        ),
        (
            r"metrics: [{stdout: '(?P<epoch>\d+) (?P<loss>\d+)', step: epohc}]",
            "no group 'epohc'; did you mean 'epoch'?",
        ),
        (r"metrics: [{stdout: '(?P<loss>\d+)', step: 'loss +'}]", "'loss +' is no expression"),
        (
            r"metrics: [{stdout: '(?P<loss>\d+)', several: avg}]",
            "'avg' is no choice; write last, mean or all",
        ),
        ("metrics: [{csv: a.csv, several: {loss: avg}}]", "several.loss: 'avg' is no choice; write last"),
        ("metrics: [{csv: a.csv, several: {'a/{}': all}}]", "'a/{}': a part of a name is a word in braces"),
        (r"metrics: [{stdout: '(?P<loss>\d+)', several: all, step: loss}]", "each value has a counted step"),
        (r"metrics: [{stdout: '(?P<loss>\d+)', at: x}]", "`at` names a list in a `json` document"),
        ("metrics: [{csv: '{run_dir}'}, {csv: '{run_dir}'}]", "the same source as metrics[1]"),
        ("metrics: [{csv: 'logs/**'}]", "'logs/**' names no file, so nothing is ever read"),
        (
            "metrics: [{csv: '{run_dir}'}]",
            "'{run_dir}' names no file, so nothing is ever read; write '{run_dir}/**/metrics.csv'",
        ),
        ("metrics: [{csv: logs/}]", "'logs/' names no file"),
        ("metrics: [{csv: 'logs**/a.csv'}]", "** stands for whole folders"),
        ("metrics: [{tensorboard: logs, step: epoch}]", "what tensorboard reads has its steps"),
        ("metrics: [{mlflow: false}]", "write `mlflow: true`"),
        ("rename: {'a/{x}': 'b/{y}'}", "'a/{x}' has no part {y}"),
        ("rename: {'a/{}': b}", "a word in braces"),
        ("rename: {'{x}/{x}': b}", "once only"),
        ("derive: {a: b +}", "'b +' is no expression"),
        ("derive: {a: '1 + 1'}", "asks for no metric"),
        (
            r"metrics: [{stdout: '(?P<a>\d+)/(?P<n>\d+)', derive: {acc: a / m}}]",
            "derive: acc: the pattern has no group 'm'; it has a, n",
        ),
        ("metrics: [{csv: a.csv, derive: {acc: a /}}]", "'a /' is no expression"),
        (
            "metrics: [{tensorboard: a, derive: {acc: a / n}}]",
            "what tensorboard reads are single values; write `derive` beside `metrics`",
        ),
        ("progress: {of: n}", "`metric` is missing"),
        ("progress: {metric: epoch()}", "is not allowed"),
        ("progress: {metrics: epoch}", "unknown key 'metrics'; did you mean 'metric'?"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(told, text, expected):
    assert expected in told(text)


def test_a_source_derives_metrics_of_its_own_and_is_another_one_then(trainer):
    (plain,) = trainer("metrics: [{csv: a.csv}]").sources.sources
    sources = trainer("metrics: [{csv: a.csv, derive: {acc: a / n}}]").sources
    assert sources.sources[0].derive == (("acc", "a / n"),)
    assert sources.sources[0].identity != plain.identity
    assert Sources.from_json(json.loads(json.dumps(sources.to_json()))) == replace(
        sources, sources=(replace(sources.sources[0], place=None),)
    )


TRAIN = r"{stdout: 'Epoch (?P<epoch>\d+) (?P<batch>\d+)/(?P<of>\d+) (?P<loss>\S+)', step: (epoch - 1) * of + batch}"


def test_a_step_may_ask_for_groups_of_another_pattern(trainer, told):
    sources = trainer(rf"metrics: [{{stdout: '(?P<acc>\d+)', step: epoch * of}}, {TRAIN}]").sources.sources
    assert [source.carried_names for source in sources] == [{"epoch", "of"}, set()]
    wrong = told(rf"metrics: [{{stdout: '(?P<acc>\d+)', step: epoc * of}}, {TRAIN}]")
    assert "step: the pattern has no group 'epoc', nor has another one; did you mean 'epoch'?" in wrong


def test_several_can_be_said_for_single_metrics(trainer):
    (source,) = trainer(
        "metrics: [{csv: a.csv, step: n, several: {loss: mean, 'ret/{x}': all}}]"
    ).sources.sources
    assert (source.several, source.several_of) == ("last", (("loss", "mean"), ("ret/{x}", "all")))


def test_all_problems_are_told_at_once(told):
    assert len(told("metrics: [{csv: x/}, {json: y/}]\nderive: {a: '+'}").splitlines()) == 3


def test_a_source_is_called_by_its_number_only_where_there_are_several_of_its_kind(trainer):
    said = r"metrics: [{csv: '{run_dir}/a.csv'}, {stdout: 'loss (?P<loss>\S+)'}, {json: a.json}, {json: b.json}, {mlflow: true}]"
    assert [source.label for source in trainer(said).sources.sources] == [
        "csv {run_dir}/a.csv",
        r"stdout 'loss (?P<loss>\S+)'",
        "metrics[3] (json a.json)",
        "metrics[4] (json b.json)",
        "metrics[5] (mlflow)",
    ]
