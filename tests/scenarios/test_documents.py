"""Whoever follows the README, the quick start or the tutorial with an installed wheel sees what they show."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from documents import links, sessions

ROOT = Path(__file__).parents[2]
PAGES = {name: (ROOT / name).read_text() for name in sessions.FOLLOWED}
pytestmark = pytest.mark.extra


def call(*words, cwd=None):
    done = subprocess.run([str(word) for word in words], cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    copy = folder / "checkout"
    for name in call(
        "git", "-C", ROOT, "ls-files", "--cached", "--others", "--exclude-standard"
    ).splitlines():
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, copy / name)
    call(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, copy)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def bin_folder(wheel, tmp_path_factory):
    """The programs of an environment that has the wheel, and takes what that needs from this one."""
    place = tmp_path_factory.mktemp("environment") / "venv"
    call(sys.executable, "-m", "venv", "--without-pip", place)
    python = place / "bin" / "python"
    packages = Path(call(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip())
    here = next(
        path for path in map(Path, sys.path) if path.name == "site-packages" and (path / "mlflow").is_dir()
    )
    (packages / "needed.pth").write_text(f"{here}\n")
    call(
        sys.executable,
        "-m",
        "pip",
        "--python",
        python,
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
        wheel,
    )
    assert str(place) in call(python, "-c", "import sweeps; print(sweeps.__file__)", cwd=place)
    return place / "bin"


@pytest.mark.parametrize("name", PAGES)
def test_every_command_of_a_page_does_what_the_page_shows(name, bin_folder, tmp_path):
    script = sessions.files(PAGES["docs/quick-start.md"])["train.py"]
    (tmp_path / "train.py").write_text(script)
    session = sessions.Session(tmp_path, sessions.folder_environment(bin_folder, tmp_path))
    session.follow(PAGES[name])
    assert session.differences == []


@pytest.mark.parametrize("target", ["run", "test"])
def test_the_two_commands_at_the_top_are_targets_of_make(target):
    assert f"make {target} " in PAGES["README.md"]
    assert call("make", "--dry-run", target, cwd=ROOT)


def test_a_package_index_shows_no_link_that_leads_nowhere(wheel):
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [entry for entry in archive.namelist() if entry.endswith(".dist-info/METADATA")]
        text = archive.read(name).decode()
    assert [
        link[0] for link in links.LINK.finditer(text) if links.leads_to("README.md", link["target"])
    ] == []
    assert "make run" in text
