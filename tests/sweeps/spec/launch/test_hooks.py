import pytest

from sweeps.errors import SpecError
from sweeps.spec.launch.hooks import Hook
from tests.sweeps.specs import FREE, read

SWEEP = "sweeps: {a: {grid: {x: [1]}}}\n"


def hooks(tmp_path, text):
    return read(tmp_path, SWEEP + text, FREE).hooks


def test_a_text_is_for_the_shell_a_list_is_words_and_an_address_gets_a_post(tmp_path):
    found = hooks(tmp_path, "on: {finished: echo hi, failed: [python, 1, x y], done: 'https://h.example/T0'}")
    assert found.by_event == {
        "finished": Hook(("/bin/sh", "-c", "echo hi")),
        "failed": Hook(("python", "1", "x y")),
        "done": Hook(url="https://h.example/T0"),
    }
    assert not hooks(tmp_path, "")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("on: {finish: x}", "on: unknown key 'finish'; did you mean 'finished'?"),
        ("on: {done: 7}", "on.done: must be a command, its words as a list, or an http(s) address"),
        ("on: {done: []}", "on.done: must be a command"),
        ("on: {done: [a, [b]]}", "on.done: must be a command"),
        ("on: {done: 'https:///x'}", "names no host"),
        ("on: finished", "on: must be a mapping"),
    ],
)
def test_what_is_no_hook_is_a_problem_with_its_place(tmp_path, text, problem):
    with pytest.raises(SpecError, match=r"e\.yaml:3:") as caught:
        hooks(tmp_path, text)
    assert problem in str(caught.value)


def test_whoever_reads_the_record_does_not_learn_where_to_post(tmp_path):
    text = "on: {done: 'https://u:p@h.example:8/T0/secret?k=1', failed: 'curl https://open.example'}"
    shown = hooks(tmp_path, text).without_secrets(text)
    assert shown == "on: {done: 'https://h.example/***', failed: 'curl https://open.example'}"
