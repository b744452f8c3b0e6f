import os
import sys
from pathlib import Path

from sweeps.commands.doctor.place import place_of


def test_the_store_and_the_python_are_those_of_the_command_line_and_the_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    assert (place_of(None, None).uri, place_of(None, "http://h").uri) == ("sqlite:///mlflow.db", "http://h")
    assert place_of(None, None).python == sys.executable
    Path("e.yaml").write_text(
        f"trainer: {{command: [python, t.py], python: {sys.executable}}}\nsweeps: {{a: {{set: {{}}}}}}\n"
    )
    assert os.path.realpath(place_of(Path("e.yaml"), None).python) == os.path.realpath(sys.executable)
