"""The verbs that write a file for `sweep`, or read it back."""

from tests.sweeps.specs import run_sweep

LINES = "python train.py --lr 0.1\npython train.py --lr 0.2\n"
SCRIPT = "import argparse\nparser = argparse.ArgumentParser()\nparser.add_argument('--lr', type=float, default=0.1)\n"


def in_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "train.py").write_text(SCRIPT)
    (tmp_path / "lines.sh").write_text(LINES)


def test_lines_become_a_file_and_the_file_lines_again(tmp_path, monkeypatch):
    in_folder(tmp_path, monkeypatch)
    done = run_sweep("import", "lines.sh", "--out", "e.yaml")
    assert (done.code, "sweep check e.yaml" in done.out) == (0, True)
    back = [line for line in run_sweep("commands", "e.yaml").out.splitlines() if line.startswith("python")]
    assert [line.split() for line in back] == [line.split() for line in LINES.splitlines()]


def test_what_is_imported_is_printed_where_no_file_is_named(tmp_path, monkeypatch):
    in_folder(tmp_path, monkeypatch)
    assert "lr: [0.1, 0.2]" in run_sweep("import", "lines.sh").out


def test_a_scripts_file_is_written_anew_until_it_is_edited(tmp_path, monkeypatch):
    in_folder(tmp_path, monkeypatch)
    assert run_sweep("init", "train.py").code == 0
    assert run_sweep("check", "experiments.yaml").code == 0
    assert run_sweep("init", "train.py").code == 0
    with (tmp_path / "experiments.yaml").open("a") as file:
        file.write("# mine\n")
    assert run_sweep("init", "train.py").code == 2
    assert run_sweep("init", "train.py", "--force").code == 0


def test_a_word_of_the_script_that_init_does_not_know_leads_to_the_dashes(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "train.py").write_text("import argparse\nargparse.ArgumentParser().add_argument('--conf')\n")
    done = run_sweep("init", "train.py", "--conf", "x.yaml")
    assert done.code == 2
    assert "No such option '--conf'. Words for SCRIPT stand behind `--`: sweep init SCRIPT -- --conf ..." in (
        " ".join(done.err.split())
    )
    assert run_sweep("init", "train.py", "--", "--conf", "x.yaml").code == 0


def test_where_nothing_varies_yet_init_says_which_line_asks_for_it_and_so_does_check(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "train.py").write_text(
        "import argparse\nargparse.ArgumentParser().add_argument('--kind', default='a')\n"
    )
    done = run_sweep("init", "train.py")
    lines = (tmp_path / "experiments.yaml").read_text().splitlines()
    number = next(at for at, line in enumerate(lines, 1) if "# ? grid" in line)
    assert f"nothing varies yet: answer the `# ? grid` in line {number} of experiments.yaml\n" in done.out
    assert run_sweep("check", "experiments.yaml").code == 0
    kept = [line for line in lines if line.strip() != "set: {}"]
    (tmp_path / "experiments.yaml").write_text("\n".join(kept))
    assert f"not null: answer the `# ? grid` in line {number}" in run_sweep("check", "experiments.yaml").err


def test_a_probe_without_a_time_takes_no_script_for_one(tmp_path, monkeypatch):
    in_folder(tmp_path, monkeypatch)
    done = run_sweep("init", "--probe", "train.py", "--out", "-", "--", "--lr", "0.3")
    assert (done.code, "ran it once" in done.err) == (0, True), done
    assert "no script trian.py; did you mean 'train.py'?" in run_sweep("init", "--probe", "trian.py").err
    assert "must be a time" in run_sweep("init", "--probe", "soon", "train.py").err
    assert run_sweep("init", "train.py", "--out", "-", "--", "--probe", "train.py").code == 0


def test_a_dash_for_the_file_prints_it_whatever_writes_it(tmp_path, monkeypatch):
    in_folder(tmp_path, monkeypatch)
    before = set(tmp_path.iterdir())
    for words in (["import", "lines.sh"], ["schema"], ["init", "train.py"]):
        done = run_sweep(*words, "--out", "-")
        assert done.code == 0, done.err
        assert "written" not in done.err
        assert ("trainer:" in done.out) or ('"trainer"' in done.out)
    assert set(tmp_path.iterdir()) == before
