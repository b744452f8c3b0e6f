"""Code is copied, everything else beside it is linked, and environments and records are left out."""

import os
from pathlib import Path

from sweeps.trainer import code_files
from sweeps.trainer.code_files import choose, shown


def make(root, *names, content="x"):
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content)


def chosen(root, *wanted, beside=True, skipped=()):
    found = choose(root, [root / name for name in wanted], beside=beside, skipped=skipped)
    copied, linked = (
        [str(path.relative_to(root)) for path in paths] for paths in (found.copied, found.linked)
    )
    return copied, linked, found.findings


def test_beside_a_script_code_and_packages_are_copied_and_the_rest_is_linked(tmp_path):
    make(tmp_path, "train.py", "helper.py", "fast.so", "run.sh", "data.csv", ".env", "conf/a/b.yaml")
    make(
        tmp_path,
        "lib/__init__.py",
        "lib/words.txt",
        "lib/sub/__init__.py",
        "lib/sub/m.py",
        "lib/tables/t.csv",
    )
    copied, linked, findings = chosen(tmp_path, "train.py")
    package = ["lib/__init__.py", "lib/sub/__init__.py", "lib/sub/m.py", "lib/words.txt"]
    assert copied == ["conf/a/b.yaml", "fast.so", "helper.py", *package, "run.sh", "train.py"]
    assert linked == [".env", "data.csv", "lib/tables"]
    assert findings == ()


def test_configs_beside_code_are_copied_and_what_else_their_folders_hold_is_linked(tmp_path, monkeypatch):
    monkeypatch.setattr(code_files, "MOST_BESIDE_BYTES", 50)
    make(tmp_path, "train.py", "configs/a.yaml", "configs/model/b.toml", "configs/model/weights.pt")
    make(tmp_path, "configs/large.json", content="w" * 60)
    make(tmp_path, "data/train.csv", "data/config/c.yaml")
    copied, linked, _ = chosen(tmp_path, "train.py")
    assert copied == ["configs/a.yaml", "configs/model/b.toml", "train.py"]
    assert linked == ["configs/large.json", "configs/model/weights.pt", "data"]


def test_a_folder_named_for_configs_that_holds_very_many_files_is_linked(tmp_path, monkeypatch):
    monkeypatch.setattr(code_files, "MANY", 3)
    make(tmp_path, "t.py", *(f"config/{n}.yaml" for n in range(5)))
    assert chosen(tmp_path, "t.py") == (["t.py"], ["config"], ())


def test_environments_repositories_records_and_states_are_neither_copied_nor_linked(tmp_path):
    make(
        tmp_path, "t.py", ".venv/x", "env/pyvenv.cfg", "env/lib/site.py", ".git/config", "node_modules/a/i.js"
    )
    make(
        tmp_path,
        "mlruns/0/meta.yaml",
        "mlflow.db",
        "mlflow.db-wal",
        "optuna.db",
        ".sweep/runs/1",
        "state/x.py",
    )
    make(tmp_path, "__pycache__/t.pyc", "conda/conda-meta/x.json")
    assert chosen(tmp_path, "t.py", ".venv/x", skipped=[tmp_path / "state"]) == (["t.py"], [], ())


def test_what_git_tracks_is_copied_wherever_it_is(tmp_path):
    make(tmp_path, "src/p/__init__.py", "src/p/t.py", "docs/a.md", "docs/b.md", "data/x.csv")
    copied, linked, _ = chosen(tmp_path, "src/p/t.py", "docs/a.md", "deleted.py")
    assert copied == ["docs/a.md", "src/p/__init__.py", "src/p/t.py"]
    assert linked == ["data", "docs/b.md"]


def test_what_git_tracks_and_is_not_there_is_not_told(tmp_path):
    make(tmp_path, "t.py", "file")
    assert chosen(tmp_path, "t.py", "gone/deep/a.md", "file/was/folder.md") == (["t.py"], ["file"], ())


def test_a_folder_of_very_many_strange_files_is_linked_as_a_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(code_files, "MANY", 3)
    make(tmp_path, "t.py", "data/README.md", "data/part/notes.md", *(f"data/{n}.png" for n in range(5)))
    make(tmp_path, "small/README.md", "small/1.png", "code/a.py", *(f"code/{n}.png" for n in range(5)))
    wanted = ("t.py", "data/README.md", "data/part/notes.md", "small/README.md", "code/a.py")
    copied, linked, findings = chosen(tmp_path, *wanted)
    assert copied == ["code/a.py", "small/README.md", "t.py"]
    assert linked == [*(f"code/{n}.png" for n in range(5)), "data", "small/1.png"]
    assert findings == ()


def test_what_is_too_large_is_linked_and_said(tmp_path, monkeypatch):
    monkeypatch.setattr(code_files, "MOST_FILE_BYTES", 100)
    monkeypatch.setattr(code_files, "MOST_BESIDE_BYTES", 50)
    monkeypatch.setattr(code_files, "MOST_BYTES", 120)
    make(tmp_path, "p/__init__.py", "p/t.py")
    make(tmp_path, "p/words.txt", content="w" * 60)
    make(tmp_path, "weights.bin", content="w" * 101)
    make(tmp_path, "a.csv", "b.csv", content="c" * 80)
    copied, linked, findings = chosen(tmp_path, "p/__init__.py", "p/t.py", "weights.bin", "a.csv", "b.csv")
    assert copied == ["b.csv", "p/__init__.py", "p/t.py"]
    assert linked == ["a.csv", "p/words.txt", "weights.bin"]
    assert findings == ("too large to be copied, read where it is: p/words.txt, weights.bin, a.csv",)


def test_what_cannot_be_read_is_linked_and_said(tmp_path, monkeypatch):
    make(tmp_path, "t.py", "closed.py")
    opened = Path.open

    def refusing(path, *args, **kwargs):
        if path.name == "closed.py":  # a mode that says so stops no test that runs as root
            raise PermissionError(13, "Permission denied")
        return opened(path, *args, **kwargs)

    monkeypatch.setattr(Path, "open", refusing)
    assert chosen(tmp_path, "t.py") == (["t.py"], ["closed.py"], ("cannot be read: closed.py",))
    listed = os.scandir

    def refusing_folder(folder):
        if folder.name == "shut":
            raise PermissionError(13, "Permission denied")
        return listed(folder)

    make(tmp_path, "shut/__init__.py")
    monkeypatch.setattr(os, "scandir", refusing_folder)
    assert chosen(tmp_path, "t.py")[1:] == (["closed.py", "shut"], ("cannot be read: closed.py, shut",))


def test_links_pipes_and_links_to_nothing_are_linked_and_links_to_code_copied(tmp_path):
    make(tmp_path, "t.py", "outside/x.csv")
    (tmp_path / "annexed.bin").symlink_to(".git/annex/objects/x")
    (tmp_path / "data").symlink_to("outside")
    (tmp_path / "same.py").symlink_to("t.py")
    os.mkfifo(tmp_path / "pipe")
    copied, linked, _ = chosen(tmp_path, "t.py", "annexed.bin", "data")
    assert copied == ["same.py", "t.py"]
    assert linked == ["annexed.bin", "data", "outside", "pipe"]


def test_nothing_beside_an_installed_package_belongs_to_it(tmp_path):
    make(tmp_path, "p/__init__.py", "p/t.py", "other/__init__.py", "six.py")
    assert chosen(tmp_path, "p/__init__.py", "p/t.py", beside=False) == (["p/__init__.py", "p/t.py"], [], ())


def test_more_links_than_are_made_are_said(tmp_path, monkeypatch):
    monkeypatch.setattr(code_files, "MOST_LINKS", 2)
    make(tmp_path, "t.py", *(f"{n}.csv" for n in range(4)))
    _, linked, findings = chosen(tmp_path, "t.py")
    assert linked == ["0.csv", "1.csv"]
    assert findings == ("neither copied nor linked, there are too many files: 2.csv, 3.csv",)


def test_a_name_of_any_bytes_can_be_printed(tmp_path):
    assert shown(tmp_path / os.fsdecode(b"caf\xe9")) == f"{tmp_path}/caf\\xe9"
