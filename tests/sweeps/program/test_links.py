"""Where links lie, what they lead to, and what is told of those that cannot be made."""

from pathlib import Path

import pytest

from sweeps.program.links import misplaced, name_of, problems, target_of
from tests.sweeps.specs import read

TWO_BELOW = Path("{run_dir}", "work", "work").as_posix()


@pytest.fixture
def surroundings(tmp_path, monkeypatch):
    (tmp_path / "here/data/sub").mkdir(parents=True)
    (tmp_path / "data").mkdir()
    monkeypatch.chdir(tmp_path / "here")

    def make(said):
        head = f"trainer: {{command: [python], {said}}}\n"
        return read(tmp_path, "sweeps: {a: {seeds: 1}}\n", head=head).trainer.surroundings

    return make


@pytest.mark.parametrize(
    ("said", "name", "target"),
    [
        ("[data]", "data", "here/data"),
        ("[./data/]", "data", "here/data"),
        ("[../data]", "../data", "data"),
        ("[/a/b/]", "b", "/a/b"),
        ("[~/b]", "b", "~/b"),
        ("{../data: data}", "../data", "here/data"),
        ("{input: ../data}", "input", "data"),
    ],
)
def test_a_link_is_called_as_the_program_reads_it(surroundings, tmp_path, said, name, target):
    (link,) = surroundings(f"cwd: x, link: {said}").link
    assert name_of(link, str) == name
    assert target_of(link, str) == tmp_path / Path(target).expanduser()


@pytest.mark.parametrize(
    "said",
    [
        "cwd: '{run_dir}', link: {data: ../data}",
        "cwd: '{run_dir}/work', link: [../data]",
        "cwd: '{run_dir}/{seed}', link: [../data]",  # which only a trial tells
        "cwd: '{run_dir}/a/b', link: {../../data: data, ../data: ../data}",
        "cwd: '{run_dir}', link: ['../{trial}']",
        "cwd: '{run_dir}', link: ['{seed}/x']",
    ],
)
def test_what_can_be_made_is_no_problem(surroundings, said):
    found = [problem.message for problem in problems(surroundings(said))]
    assert [message for message in found if "{trial}" not in message] == []


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (
            "cwd: '{run_dir}', link: [../data]",
            'write `cwd: "{run_dir}/work"`, and if it reads data, `link: {data: ../data}`',
        ),
        ("cwd: '{run_dir}/work', link: {../../x: data}", f'write `cwd: "{TWO_BELOW}"`'),
        ("cwd: 'out/{trial}', link: {../x: data}", "../x would lie outside the run's directory"),
        ("cwd: '{run_dir}', link: {/data: data}", "a program finds /data without a link"),
        ("cwd: '{run_dir}/work', link: {..: data}", ".. holds the folder where the program runs"),
        ("cwd: '{run_dir}', link: {.: data}", ". holds the folder where the program runs"),
        ("cwd: '{run_dir}', link: [nowhere]", "there is no nowhere in"),
        ("cwd: '{run_dir}', link: {data: nowhere}", "there is no nowhere in"),
        ("cwd: '{run_dir}', link: [data, data/sub]", "sub would be made inside data, which is a link itself"),
        (
            "cwd: '{run_dir}/a', link: {data: ../data, ./data: data}",
            "two links are called data, this one and that to ../data",
        ),
        ("cwd: ., link: [data]", "is there already, in the way of the link"),
    ],
)
def test_what_cannot_work_is_told_with_its_place_and_what_to_write(surroundings, said, message):
    (problem,) = problems(surroundings(said))
    assert message in problem.message
    assert problem.place.column > 10


def test_only_the_folder_and_the_runs_directory_take_links():
    assert misplaced("../data", "/x", "/runs/r/work", "/runs/r") is None
    assert misplaced("../data", "/x", "/elsewhere/work", "/runs/r") is not None
    assert misplaced("a/../../r/b", "/x", "/runs/r", "/runs/r") is None
