"""Completion in the shells themselves, as far as this machine has them."""

import os
import shutil
import subprocess
import sys
import textwrap

import pytest

from sweeps.cli.completion.shells import SHELLS, answer, script, split
from sweeps.cli.verbs import cli

SPEC = "trainer: a:b\nsweeps: {rates: {grid: {lr: [0.1, 0.2]}}}\n"
ASK = {
    "bash": """
        source ./script
        complete -p sweep >/dev/null || exit 9
        ask() {
            COMP_LINE="$1" COMP_POINT=${#1} COMPREPLY=()
            _sweep_completion sweep 2>/dev/null
            printf '%s\\n' "${COMPREPLY[@]}"
        }
    """,
    "zsh": """
        compdef() { : }
        compadd() { print -l -- $completions }
        _describe() { print -l -- ${completions_with_descriptions%%:*} }
        source ./script
        ask() { words=(${(z)1}) CURRENT=${#${(z)1}}; _sweep_completion sweep }
    """,
    "fish": """
        source ./script
        function ask; complete --do-complete $argv[1] | string split -f1 \\t; end
    """,
}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("sweep run e.ya", (["sweep", "run"], "e.ya")),
        ("sweep run ", (["sweep", "run"], "")),
        ("sweep run 'a b", (["sweep", "run"], "a b")),
        ("sweep run 'a b' c", (["sweep", "run", "a b"], "c")),
        ("", ([], "")),
    ],
)
def test_a_line_is_split_as_shells_do(line, expected):
    assert split(line) == expected


@pytest.mark.parametrize("shell", SHELLS)
def test_each_shell_has_a_script_that_names_the_variable_and_the_command(shell):
    text = script(cli, shell)
    assert f"_SWEEP_COMPLETE={shell}_complete" in text
    assert "sweep" in text


def test_an_unknown_shell_is_told_nothing():
    assert answer(cli, "tcsh_complete") == ""


@pytest.mark.parametrize("shell", ASK)
def test_a_shell_completes_trials(shell, tmp_path):
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"there is no {shell} here")
    (tmp_path / "experiments.yaml").write_text(SPEC)
    (tmp_path / "script").write_text(script(cli, shell))
    command = tmp_path / "bin" / "sweep"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m sweeps "$@"\n')
    command.chmod(0o755)
    lines = ["sweep logs experiments.yaml lr0.1", "sweep run experiments.yaml --only trial=lr0.1"]
    lines = lines if shell == "bash" else lines[1:]
    asked = "\n".join([textwrap.dedent(ASK[shell]), *(f"ask {line!r}; echo ." for line in lines)])
    done = subprocess.run(
        [program, "-c", asked],
        cwd=tmp_path,
        env={**os.environ, "PATH": f"{command.parent}:{os.environ['PATH']}", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    expected = ["lr0.1", ".", "lr0.1", "."] if shell == "bash" else ["trial=lr0.1", "."]
    assert done.stdout.split() == expected, done
