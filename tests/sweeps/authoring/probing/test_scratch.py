from sweeps.authoring.probing import scratch
from sweeps.authoring.probing.scratch import copy_folder


def test_files_are_copied_and_records_environments_and_outputs_are_not(tmp_path):
    source = tmp_path / "project"
    for name in ("train.py", "pkg/a.py", "runs/old", ".git/HEAD", "env/pyvenv.cfg", "env/lib", "mlflow.db"):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text(name)
    assert copy_folder(source, tmp_path / "copy") == []
    found = sorted(
        str(path.relative_to(tmp_path / "copy")) for path in (tmp_path / "copy").rglob("*") if path.is_file()
    )
    assert found == ["pkg/a.py", "train.py"]
    (tmp_path / "copy" / "train.py").write_text("changed")
    assert (source / "train.py").read_text() == "train.py"


def test_what_is_too_much_is_linked_but_for_what_a_program_would_write_over(tmp_path, monkeypatch):
    monkeypatch.setattr(scratch, "_COPIED_BYTES", 4)
    source = tmp_path / "project"
    source.mkdir()
    (source / "a").write_text("abc")
    (source / "data.bin").write_text("x" * 10)
    (source / "model.pt").write_text("x" * 10)
    assert copy_folder(source, tmp_path / "copy") == ["model.pt"]
    assert (tmp_path / "copy" / "data.bin").is_symlink()
    assert not (tmp_path / "copy" / "a").is_symlink()
