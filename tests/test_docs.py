"""The documents keep up with the code: every command, key, tag and exit code is written down, and what they show is so."""

import ast
import re
import shlex
import shutil
from functools import cache
from pathlib import Path

import click
import pytest
from documents import links, reference, sessions
from mlflow.tracking import MlflowClient

from analysis.read import tags
from analysis.read.frames import IDENTITY_TYPES
from sweeps.cli.verbs import cli
from sweeps.planning.expansion import expand
from sweeps.spec.parser import TOP_KEYS, read_spec
from sweeps.spec.search_parser import SEARCH_KEYS
from sweeps.spec.space_parser import DIMENSION_KEYS
from sweeps.spec.sweep_parser import SWEEP_KEYS
from sweeps.spec.trainer.parser import TRAINER_KEYS
from sweeps.trainer.loader import load_trainer
from tests.analysis.recorded import EPOCHS, ratio_sweep, record
from tests.sweeps.specs import run_sweep

ROOT = Path(__file__).parent.parent
WRITTEN = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
WRITTEN = [path for path in WRITTEN if ROOT / "docs" / "quick" not in path.parents]
PAGES = {path.relative_to(ROOT).as_posix(): path.read_text() for path in WRITTEN}
TEXTS = {path.name: path.read_text() for path in WRITTEN if path.parent.name != "notes"}
ALL = "\n".join(TEXTS.values())
LED_TO = {**PAGES, **{name: (ROOT / name).read_text() for name in ("CONTRIBUTING.md", "examples/README.md")}}
SHOWN_ALONE = {"python", "yaml", "text"}
PROGRAMS = {"grep", "make", "pip", "python", "sweep"}


@pytest.mark.parametrize("name", sorted(cli.commands))
def test_every_command_has_help_and_stands_in_the_documents(name):
    assert cli.commands[name].help
    assert all(option.help for option in cli.commands[name].params if isinstance(option, click.Option))
    assert f"sweep {name}" in ALL


@pytest.mark.parametrize("key", [*TOP_KEYS, *TRAINER_KEYS, *SWEEP_KEYS])
def test_every_key_of_the_file_is_explained(key):
    assert re.search(rf"\b{key}\b", TEXTS["experiments.md"])


@pytest.mark.parametrize("key", [*SEARCH_KEYS, *DIMENSION_KEYS])
def test_every_key_of_a_search_is_explained(key):
    assert re.search(rf"\b{key}\b", TEXTS["search.md"])


TAGS = {value for name, value in vars(tags).items() if name.isupper() and str(value).startswith("sweeps.")}


@pytest.mark.parametrize("tag", sorted(TAGS))
def test_every_tag_is_explained(tag):
    assert f"`{tag}`" in TEXTS["trust.md"]


@pytest.mark.parametrize("name", sorted(LED_TO))
def test_every_link_leads_somewhere(name):
    made = {f"docs/{page}": text for page, text in reference.pages().items()}
    text = links.without_code(LED_TO[name])
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", text)
    assert [path for path in pictures if not (ROOT / name).parent.joinpath(path).exists()] == []
    for link in links.LINK.finditer(text):
        there = links.leads_to(name, link["target"])
        if there is None:
            continue
        path, anchor = there
        assert path in made or (ROOT / path).exists(), link[0]
        text = made.get(path) or ((ROOT / path).read_text() if anchor else "")
        assert not anchor or anchor in {links.slug(heading) for heading in links.headings(text)}, link[0]
        named = link["words"].rpartition("/")[2]
        assert not named.endswith(".md") or named == path.rpartition("/")[2], link[0]


@pytest.mark.parametrize("name", sessions.FOLLOWED)
def test_every_snippet_is_one_that_a_test_runs_or_that_is_shown_alone(name):
    for block in sessions.blocks(PAGES[name]):
        found = list(sessions.commands(block))
        assert found or block.title or block.language in SHOWN_ALONE, f"{name}:{block.line}"
        assert {command.program for command in found} <= PROGRAMS, f"{name}:{block.line}"
    assert PAGES[name].count("```") == 2 * len(sessions.blocks(PAGES[name]))


def shown_commands(text):
    """The lines of a document that start `sweep`, without what a shell makes of them."""
    for block in sessions.blocks(text):
        if block.language in ("sh", "console"):
            lines = [command.words for command in sessions.commands(block)]
        else:
            lines = [
                line
                for line in block.text.splitlines()
                if re.match(rf"sweep ({'|'.join(cli.commands)}) ", line)
            ]
        for line in lines if block.language in ("", "sh", "console") else ():
            if line.startswith("sweep "):
                yield shlex.split(re.split(r" \| | > | && ", line)[0], comments=True)


@pytest.mark.parametrize("name", sorted(PAGES))
def test_every_command_that_a_document_shows_has_a_verb_and_options_that_there_are(name):
    for _, verb, *words in shown_commands(PAGES[name]):
        if verb in cli.params:
            continue
        command = cli.commands[verb]
        command.make_parser(click.Context(command)).parse_args(list(words))


def test_the_pages_made_of_the_code_have_every_verb_and_key():
    made = reference.pages()
    assert [name for name in cli.commands if f"\n## sweep {name}\n" not in made[reference.VERBS]] == []
    keys = [
        *TOP_KEYS,
        *(f"trainer.{key}" for key in TRAINER_KEYS),
        *(f"sweeps.NAME.{key}" for key in SWEEP_KEYS),
    ]
    assert [key for key in keys if f"| `{key}` |" not in made[reference.KEYS]] == []


@pytest.mark.parametrize(
    ("link", "shown"),
    [
        ("[more](../trust.md#passwords)", "[more](../trust.md#passwords)"),
        ("[trust.md](../trust.md#passwords)", "[Passwords](../trust.md#passwords)"),
        ("[prints](../../examples/prints/)", "[prints](../files/examples/prints.md)"),
        ("[here](#below)", "[here](#below)"),
        ("[all](../../README.md)", "[all](../index.md)"),
        ("[MLflow](https://mlflow.org)", "[MLflow](https://mlflow.org)"),
        ("```\n[a](b.md)\n```", "```\n[a](b.md)\n```"),
    ],
)
def test_a_link_leads_to_the_same_in_the_site(link, shown):
    assert links.relinked("docs/how-to/server.md", link) == shown


def test_a_document_is_followed_and_what_it_shows_otherwise_is_told(tmp_path):
    page = """
```text title="words.txt"
12:30:01 left
```

```console
$ cat words.txt
23:59:59 left
...
$ echo right
wrong
```

```console title="exit code 3"
$ exit 3
$ exit 4
```
"""
    session = sessions.Session(tmp_path, {"PATH": "/usr/bin:/bin"})
    session.follow(page)
    assert [difference.partition("\n")[0] for difference in session.differences] == [
        "line 6: echo right: does not print",
        "line 14: exit 4: exit code 4, not 3:",
    ]


@cache
def said_by_the_code():
    """Every text of the code, with what is filled in as a mark."""
    texts = []
    for path in (ROOT / "sweeps").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.JoinedStr):
                parts = (part.value if isinstance(part, ast.Constant) else "\0" for part in node.values)
                texts.append("".join(parts))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                texts.append(node.value)
    return "\n".join(texts)


@pytest.mark.parametrize("message", re.findall(r"^### `(.+)`$", TEXTS["faq.md"], re.MULTILINE))
def test_a_message_that_is_explained_is_one_of_the_code(message):
    for part in re.split(r"\.\.\.", message):
        assert part.strip(" '`") in said_by_the_code()


def test_the_example_for_notebooks_runs(empty_database, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copy(empty_database, tmp_path / "mlflow.db")
    run_ids = record(MlflowClient(f"sqlite:///{tmp_path}/mlflow.db"), ratio_sweep(strategies=("Cyclical",)))
    (example,) = re.findall(r"```python\n(.*?)```", TEXTS["notebooks.md"], re.DOTALL)
    names = {}
    exec(example, names)  # noqa: S102 - the document's own words are what is tested
    assert list(names["table"].columns) == sorted(run_ids)
    assert names["table"].index.tolist() == list(range(EPOCHS))
    assert names["ranking"]["metrics.val/psnr"].is_monotonic_decreasing


def test_the_file_that_the_tutorial_shows_is_the_one_that_is_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    page = PAGES["docs/tutorial.md"]
    (tmp_path / "train.py").write_text(sessions.files(page)["train.py"])
    assert run_sweep("init", "train.py").code == 0
    shown = next(
        block.text for block in sessions.blocks(page) if block.language == "yaml" and not block.title
    )
    written = (line for line in (tmp_path / "experiments.yaml").read_text().splitlines())
    assert [line for line in shown.splitlines() if line not in written] == []  # in this order


def test_the_file_that_compares_samplers_has_searches_of_one_task_by_two_samplers(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "train.py").write_text(sessions.files(PAGES["docs/tutorial.md"])["train.py"])
    file = tmp_path / "samplers.yaml"
    written = sessions.files(TEXTS["search.md"])["samplers.yaml"]
    (alone,) = re.findall(r"`(tpe-2: .+)`", TEXTS["search.md"])
    for text in (written, re.sub(r"tpe-2: .+", lambda _: alone, written)):
        file.write_text(text)
        assert run_sweep("check", str(file)).code == 0
        spec = read_spec(file)
        trainer, _ = load_trainer(spec.trainer)
        searches = {sweep.name: sweep.search for sweep in expand(spec, trainer).sweeps}
        assert len({search.task for search in searches.values()}) == 1
        seeds = [(search.spec.sampler.name, search.spec.seed) for search in searches.values()]
        assert seeds == [(name, seed) for name in ("tpe", "random") for seed in (1, 2, 3)]


def test_every_column_of_the_frames_is_explained():
    for column in [*IDENTITY_TYPES, "step", "value", "key"]:
        assert f"`{column}`" in TEXTS["notebooks.md"]
