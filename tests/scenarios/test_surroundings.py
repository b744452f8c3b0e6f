"""Programs that know nothing of sweep, as they run by hand: their data, their folders, their Python, their failures."""

import json
import subprocess
import sys
import venv
from pathlib import Path

import pytest

import sweeps.runner.startup
from sweeps.rundir.paths import StateDir
from tests.folders import write_files


def spec(project, trainer, sweeps="{a: {grid: {lr: [1, 2]}}}", name="e.yaml"):
    (project.path / name).write_text(f"experiment: toy\ntrainer: {trainer}\nsweeps: {sweeps}\n")


def run_dir(project, run):
    return StateDir(project.path / ".sweep").run(run.run_id).files


SECRET = "s3cret-7f1"  # noqa: S105 - to be found nowhere
ENVIRONMENT = """
import json, os, sys
names = ("OUT", "LR", "GIVEN", "HF_WORD", "GONE", "PYTHONUNBUFFERED", "WANDB_RUN_ID", "WANDB_RUN_GROUP", "WANDB_DIR")
print(json.dumps({name: os.environ.get(name) for name in names}))
print(os.environ["HF_WORD"][:3])
sys.exit(f"lost {os.environ['HF_WORD']} at postgres://u:pw@host/db")
"""


def test_a_programs_variables_are_those_of_the_file_and_a_secret_is_recorded_nowhere(project):
    write_files(
        project.path,
        {"train.py": ENVIRONMENT.replace("print(json", "open(os.environ['OUT'], 'w').write(json")},
    )
    said = (
        "{OUT: '{run_dir}/seen.json', LR: '{lr}', HF_WORD: {from: MY_WORD}, GONE: null, PYTHONUNBUFFERED: 0}"
    )
    spec(project, f"{{command: [python, train.py], env: {said}}}", "{a: {grid: {lr: [1]}}}")
    code, output = project.sweep("check", "e.yaml")
    assert code == 2
    assert "e.yaml:2:" in output
    assert "there is no MY_WORD in your environment; `export MY_WORD=...` before `sweep`" in output
    code, output = project.sweep("run", "e.yaml", MY_WORD=SECRET, GONE="x", GIVEN="g")
    (run,) = project.runs().values()
    assert (code, run.outcome) == (1, "failed"), output
    assert run.tags["sweeps.reason"] == "exit code 1: lost *** at postgres://***@host/db"
    seen = json.loads((run_dir(project, run) / "seen.json").read_text())
    assert seen == {
        "OUT": str(run_dir(project, run) / "seen.json"),
        "LR": "1",
        "GIVEN": "g",
        "HF_WORD": SECRET,
        "GONE": None,
        "PYTHONUNBUFFERED": "0",
        "WANDB_RUN_ID": run.run_id,
        "WANDB_RUN_GROUP": "a",
        "WANDB_DIR": str(run_dir(project, run)),
    }
    wrote = {run_dir(project, run) / "seen.json", run_dir(project, run).parent / "attempt-1.log"}
    kept = [path for path in (project.path / ".sweep").rglob("*") if path.is_file() and path not in wrote]
    assert [path for path in kept if SECRET.encode() in path.read_bytes()] == []


BY_HAND = """
import os, sys
from pathlib import Path
here = Path(__file__).resolve().parent
sys.path.append(os.path.join(os.path.dirname(__file__), ".."))
import shared
exec(open("configurator.py").read())
print("read", (here.parent / "data/x.csv").read_text(), open(os.path.dirname(__file__) + "/../../far/y.csv").read(),
      (here / "configs/a.yaml").read_text(), shared.NAME, knob)
(here / "runs").mkdir(exist_ok=True)
(here / f"runs/{sys.argv[1]}.txt").write_text("x")
"""


def test_what_runs_by_hand_runs_in_the_copy_and_what_is_written_there_is_said(project, tmp_path):
    code = project.path / "lab/code"
    write_files(code, {"train.py": BY_HAND, "configurator.py": "knob = 7\n", "configs/a.yaml": "a: 1"})
    write_files(
        project.path, {"lab/data/x.csv": "data", "far/y.csv": "far", "lab/shared.py": "NAME = 'shared'\n"}
    )
    by_hand = subprocess.run(
        [sys.executable, "train.py", "h"], cwd=code, capture_output=True, text=True, check=True
    )
    spec(project, "{command: [python, train.py, '{lr}']}", "{a: {grid: {lr: [1]}}}", "lab/code/e.yaml")
    (code / "runs/h.txt").unlink()
    (code / "runs").rmdir()
    project.path = code
    project.environment["MLFLOW_TRACKING_URI"] = project.uri
    done, output = project.ran()
    assert done == 0, output
    assert by_hand.stdout in project.sweep("logs", "e.yaml", "lr1")[1]
    assert "a/lr1: wrote runs/1.txt into the copy of the code; write to {run_dir}, or say `cwd:" in output
    (run,) = project.runs().values()
    assert "it wrote runs/1.txt into the copy of the code" in run.tags["mlflow.note.content"]
    assert not (code / "runs").exists()


BESIDE = """
import os, sys
print(open("data/x.csv").read(), open("local.yaml").read(), os.getcwd())
os.makedirs("runs")
open("model.pt", "w").write(sys.argv[1])
"""


def test_a_program_that_writes_beside_itself_has_a_folder_of_its_own(project):
    write_files(project.path, {"train.py": BESIDE, "data/x.csv": "data", "local.yaml": "l"})
    spec(project, "{command: [python, train.py, '{lr}'], cwd: '{run_dir}', link: [data, local.yaml]}")
    code, output = project.ran()
    assert code == 0, output
    for name, run in project.runs().items():
        folder = run_dir(project, run)
        assert (folder / "model.pt").read_text() == name.removeprefix("lr")
        assert project.sweep("logs", "e.yaml", name)[1] == f"data l {folder}\n"
    assert not (project.path / "model.pt").exists()
    assert "copy of the code" not in output


def test_a_program_that_reads_beside_its_folder_has_that_in_the_runs_directory(project):
    write_files(
        project.path, {"train.py": BESIDE.replace("data/x", "../data/x"), "set/x.csv": "d", "local.yaml": "l"}
    )
    more = "cwd: '{run_dir}/work', link: {../data: set, local.yaml: local.yaml}"
    spec(project, f"{{command: [python, train.py, '{{lr}}'], {more}}}", "{a: {grid: {lr: [1]}}}")
    code, output = project.ran()
    assert code == 0, output
    (run,) = project.runs().values()
    folder = run_dir(project, run)
    assert project.sweep("logs", "e.yaml", "lr1")[1] == f"d l {folder}/work\n"
    assert sorted(path.name for path in folder.iterdir()) == ["data", "work"]


def test_trials_that_write_one_file_after_each_other_are_told(project):
    write_files(project.path, {"train.py": "open('model.pt', 'w').write('x')\n"})
    spec(project, "{command: [python, train.py, '{lr}']}")
    code, output = project.ran("--jobs", "1")
    assert code == 0, output
    told = f"{project.path}/model.pt changed while different trials ran"
    assert output.count(told) == 1
    notes = [run.tags["mlflow.note.content"] for run in project.runs().values()]
    assert sum("model.pt changed while a/lr1 ran" in note.replace("\\", "") for note in notes) == 1
    said = f"{told} (a/lr1, a/lr2), which may overwrite"
    assert said in project.sweep("status", "e.yaml")[1]
    assert project.sweep("report", "e.yaml", "--out", "figures")[0] == 0
    assert said in (project.path / "figures/report.md").read_text().replace("\\", "")


def test_an_edit_of_a_file_that_arguments_name_is_told_and_what_a_trial_writes_is_none(project):
    script = "import sys\nassert open(sys.argv[2]).read()\nopen(sys.argv[3], 'a').write('x')\n"
    write_files(project.path, {"train.py": script, "data.csv": "1\n", "written.csv": ""})
    spec(project, "{command: [python, train.py, '{lr}', data.csv, written.csv]}")
    code, output = project.ran("--jobs", "1")
    assert code == 0, output
    assert [list(json.loads(run.tags["sweeps.files"])) for run in project.runs().values()] == [
        ["data.csv"]
    ] * 2
    assert "differ" not in project.sweep("plan", "e.yaml")[1]
    write_files(project.path, {"data.csv": "2\n", "notes.txt": "new\n"})
    told = "files have changed since these ran (lr1, lr2): data.csv; finished trials stay"
    for verb in ("plan", "status", "run"):
        output = project.sweep(verb, "e.yaml")[1]
        assert told in output, output
    spec(
        project,
        "{command: [python, train.py, '{lr}', data.csv, written.csv]}",
        "{a: {grid: {lr: [1, 2, 3]}}}",
    )
    assert project.ran()[0] == 0
    assert project.sweep("report", "e.yaml", "--out", "figures")[0] == 0
    assert "these runs differ in files" in (project.path / "figures/report.md").read_text()


def test_code_that_is_run_in_place_is_said_to_be_and_so_are_its_changes(project):
    write_files(
        project.path,
        {
            "train.py": "import helper, sys\nopen('helper.py', 'a').write('B = 1\\n')\n",
            "helper.py": "A = 1\n",
        },
    )
    spec(project, "{command: [python, train.py, '{lr}'], snapshot: false}", "{a: {grid: {lr: [1]}}}")
    code, output = project.ran()
    assert code == 0, output
    (run,) = project.runs().values()
    said = json.loads(run.tags["sweeps.code"])
    assert (said["in_place"], said["snapshot"], len(said["digest"])) == (True, None, 12)
    assert "the code was run in place, and helper.py changed after `sweep run` had started" in (
        run.tags["mlflow.note.content"].replace("\\", "")
    )
    assert not (project.path / ".sweep/snapshots").exists()
    code, output = project.sweep("plan", "e.yaml")
    assert "the code has changed since these ran (lr1): helper.py (changed); " in output


def test_a_module_of_the_working_directory_is_run_in_place_and_in_a_folder_of_its_own_from_the_copy(project):
    write_files(project.path, {"pkg/__init__.py": "", "pkg/train.py": "print(__file__)\n"})
    for said, is_in_place in (("", True), (", cwd: '{run_dir}'", False)):
        spec(
            project,
            f"{{command: [python, -m, pkg.train]{said}}}",
            f"{{a: {{set: {{n: {int(is_in_place)}}}}}}}",
        )
        code, output = project.ran()
        assert code == 0, output
        run = max(project.runs().values(), key=lambda run: run.start_ms)
        log = (run_dir(project, run).parent / "attempt-1.log").read_text()
        assert log.startswith(str(project.path / ".sweep/snapshots")) is not is_in_place
        assert json.loads(run.tags["sweeps.code"]).get("in_place", False) is is_in_place


OTHER = """
import os, shutil, sys
print(sys.prefix, os.environ["VIRTUAL_ENV"], shutil.which("python"), sys.modules["sitecustomize"].__file__)
import only_there
for ours in ("mlflow", "sweeps", "yaml"):
    try:
        __import__(ours)
    except ModuleNotFoundError:
        continue
    raise SystemExit(f"{ours} leaks in")
"""


def test_a_program_runs_in_a_virtual_environment_that_is_not_ours(project):
    env = project.path / "env"
    venv.create(env, symlinks=True)
    (packages,) = env.glob("lib/python*/site-packages")
    write_files(
        packages, {"only_there.py": "", "numpy-0.0.7.dist-info/METADATA": "Name: numpy\nVersion: 0.0.7\n"}
    )
    write_files(project.path, {"train.py": OTHER, "run.sh": "python train.py\n"})
    spec(project, "{command: [sh, run.sh], python: env}", "{a: {set: {n: 1}}}")
    code, output = project.ran()
    assert code == 0, (output, project.sweep("logs", "e.yaml", "trial"))
    (run,) = project.runs().values()
    startup = Path(sweeps.runner.startup.__path__[0]) / "sitecustomize.py"
    log = project.sweep("logs", "e.yaml", "trial")[1]
    assert log == f"{env} {env} {env}/bin/python {startup}\n"
    recorded = json.loads(run.tags["sweeps.env"])
    assert recorded["numpy"] == "0.0.7"
    assert not {"mlflow", "torch"} & recorded.keys()
    code, output = project.sweep("check", "e.yaml")
    assert code == 0, output
    (env / "bin/python").unlink()
    code, output = project.sweep("check", "e.yaml")
    assert code == 2
    assert f"trainer.python: there is no {env}/bin/python; name an interpreter" in output


RESUMED = """
import os, sys
from pathlib import Path
out = Path(os.environ["SWEEP_RUN_DIR"])
print(sys.argv[1:])
if len(sys.argv) == 1:
    (out / "last.ckpt").touch()
    raise ValueError("bad lr")
"""


@pytest.mark.parametrize(
    ("words", "more"),
    [("[--ckpt, '{newest:{run_dir}/*.ckpt}']", "last.ckpt"), ("['--ckpt={run_dir}/none.ckpt']", None)],
)
def test_words_that_resume_are_added_when_a_trial_is_taken_up_again_and_their_file_is_there(
    project, words, more
):
    write_files(project.path, {"train.py": RESUMED})
    spec(project, f"{{command: [python, train.py], resume: {words}}}", "{a: {set: {n: 1}}}")
    assert project.ran()[0] == 1
    (run,) = project.runs().values()
    assert run.tags["sweeps.reason"] == "exit code 1: ValueError: bad lr"
    code, output = project.ran("--retry-failed")
    assert code == (1 if more is None else 0), output
    log = (run_dir(project, run).parent / "attempt-2.log").read_text()
    assert log.splitlines()[0] == (
        "[]" if more is None else str(["--ckpt", str(run_dir(project, run) / more)])
    )


def test_a_file_that_the_command_needs_and_that_is_not_there_fails_the_trial_with_a_sentence(project):
    write_files(project.path, {"train.py": ""})
    spec(project, "{command: [python, train.py, '{newest:{run_dir}/*.pt}']}", "{a: {set: {n: 1}}}")
    code, output = project.ran()
    assert code == 1
    assert "a/trial: failed (trainer.command: no file matches" in output
    assert "Traceback" not in output


@pytest.mark.parametrize("style", ["none", "hydra"])
def test_texts_that_no_file_can_be_called_are_settings_and_words_like_others(project, style):
    prompt = "word " * 60
    shell = f"{'true; ' * 80}python train.py"
    command = f"[sh, -c, {shell!r}]" if style == "none" else f"[python, train.py, '{{args}}', '+{prompt}=x']"
    (project.path / "train.py").write_text("print('loss 0.5')\n")
    (project.path / "e.yaml").write_text(
        f"experiment: toy\ntrainer:\n  command: {command}\n  args: {'none' if style == 'none' else '{style: hydra}'}\n"
        "  metrics: [{stdout: 'loss (?P<loss>\\S+)'}]\n"
        f"sweeps: {{a: {{grid: {{prompt: ['{prompt}', short]}}}}}}\n"
    )
    for verb in ("check", "run", "plan", "report"):
        code, output = project.sweep(verb, "e.yaml")
        assert code == 0, output
    assert [run.outcome for run in project.runs().values()] == ["finished", "finished"]
