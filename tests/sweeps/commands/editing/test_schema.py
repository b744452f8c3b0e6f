"""Everything that is shipped fits the schema, by the tool that CI of others uses; wrong files do not."""

import json
import re
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
import yaml

from sweeps.commands.editing.schema import schema_file, schema_of, write
from sweeps.errors import ScriptError
from sweeps.spec.yaml_reader import _CoreLoader

ROOT = Path(__file__).parents[4]
SHIPPED = [ROOT / "experiments.yaml", *sorted((ROOT / "examples").rglob("*.yaml"))]
SHIPPED = [path for path in SHIPPED if "conf" not in path.parts]
WRONG = sorted((Path(__file__).parent / "wrong").glob("*.yaml"))
DOCS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
SNIPPETS = [
    text
    for path in DOCS
    for text in re.findall(r"```yaml\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL)
    if re.search(r"^trainer:", text, re.MULTILINE) and re.search(r"^sweeps:", text, re.MULTILINE)
]


def checked(schema, files):
    """What check-jsonschema says against each of some files."""
    command = [sys.executable, "-m", "check_jsonschema", "--output-format", "json", "--schemafile"]
    done = subprocess.run([*command, schema, *files], capture_output=True, text=True, check=False)
    said = json.loads(done.stdout)
    wrong = {Path(error["filename"]).name for error in said.get("errors", ())}
    return wrong | {Path(error["filename"]).name for error in said.get("parse_errors", ())}, done.stdout


def written(path, file=None):
    write(schema_of(file), path)
    return path


def test_every_shipped_file_and_every_whole_one_of_the_documents_fits(tmp_path):
    snippets = []
    for number, text in enumerate(SNIPPETS):
        snippets.append(tmp_path / f"snippet{number}.yaml")
        snippets[-1].write_text(text, encoding="utf-8")
    assert len(snippets) >= 3
    assert len(SHIPPED) >= 13
    wrong, said = checked(written(tmp_path / "s.json"), [*SHIPPED, *snippets])
    assert wrong == set(), said


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.parent.name)
def test_a_shipped_file_fits_the_schema_that_knows_its_own_trainer(path, monkeypatch):
    monkeypatch.chdir(ROOT if path.name != "experiments.yaml" else path.parent)
    found = schema_of(path)
    assert found.remarks == ()
    document = yaml.load(path.read_text(encoding="utf-8"), _CoreLoader)  # noqa: S506 - which is a SafeLoader
    assert [error.message for error in jsonschema.Draft7Validator(found.content).iter_errors(document)] == []


def test_each_wrong_file_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    assert len(WRONG) >= 20
    wrong, said = checked(written(tmp_path / "s.json", ROOT / "experiments.yaml"), WRONG)
    assert wrong == {path.name for path in WRONG}, said


def test_a_file_that_is_half_written_has_a_schema(tmp_path):
    file = tmp_path / "e.yaml"
    file.write_text("experiment: 3\ntrainer: cvae.train:train\nsweeps:\n")
    assert schema_of(file).content["properties"]["sweeps"]
    file.write_text("experiment: x\n")
    (remark,) = schema_of(file).remarks
    assert "names no trainer yet" in remark


def test_a_config_that_cannot_be_imported_is_told_and_any_setting_will_do(tmp_path):
    file = tmp_path / "e.yaml"
    file.write_text("trainer: {run: cvae.train:train, config: cvae.nothing:Config}\n")
    found = schema_of(file)
    assert "there is no module cvae.nothing" in found.remarks[0]
    assert found.content["definitions"]["settings"]["additionalProperties"] == {}


def test_options_of_the_script_are_offered(monkeypatch):
    monkeypatch.chdir(ROOT / "examples" / "prints")
    properties = schema_of(Path("experiments.yaml")).content["definitions"]["settings"]["properties"]
    assert properties["lr"]["default"] == 0.1


def test_a_schema_is_written_anew_and_takes_the_place_of_nothing_else(tmp_path):
    path = schema_file(tmp_path / "study.yaml")
    assert path.name == "study.schema.json"
    written(written(path))
    path.write_text("{}")
    with pytest.raises(ScriptError, match="no schema of sweep's"):
        written(path)
    write(schema_of(None), path, replace=True)
    assert json.loads(path.read_text())["title"] == "sweep: experiments.yaml"
