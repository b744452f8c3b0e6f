"""A file for a program that is not Python: what the words that are typed behind it say."""

import pytest
import yaml

from sweeps.authoring.drafting.other_program import draft_of_words
from sweeps.errors import ScriptError

ELF = b"\x7fELF\x02\x01\x01" + bytes(64)


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def drafted(here, words, name="relax", content=ELF):
    path = here / name
    path.write_bytes(content)
    draft, many = draft_of_words(path.relative_to(here), words.split())
    return yaml.safe_load(draft.text), draft, many


def test_each_number_is_a_setting_and_what_nothing_names_is_asked_for(here):
    file, draft, many = drafted(here, "400 0.002 0.1 1 out/x")
    assert file["trainer"]["command"] == ["./relax", "{arg1}", "{arg2}", "{arg3}", "{seed}", "{run_dir}/x"]
    assert file["defaults"] == {"arg1": 400, "arg2": 0.002, "arg3": 0.1}
    assert file["sweeps"] == {"first": {"seeds": [1, 2]}}
    assert many == 4
    assert "seeds: [1, 2]  # ? is 1 its seed?" in draft.text
    assert draft.questions == draft.text.count("# ? ") - 1 == 6  # the head explains such lines


def test_the_names_are_those_of_its_usage_where_that_has_as_many(here):
    usage = ELF + b"usage: %s N dt <gamma> [SEED] out_prefix\n\0"
    file, draft, _ = drafted(here, "400 0.002 0.1 7 here", content=usage)
    assert file["trainer"]["command"] == ["./relax", "{N}", "{dt}", "{gamma}", "{seed}", "{run_dir}/here"]
    assert file["sweeps"]["first"]["seeds"] == [7, 8]
    assert "its seed?" not in draft.text
    assert "what is it?" not in draft.text
    file, _, _ = drafted(here, "400 0.002", content=usage)
    assert set(file["defaults"]) == {"arg1", "arg2"}  # 400 alone is likelier a size than a seed


@pytest.mark.parametrize("option", ["--name", "--out"])
def test_a_text_that_no_file_can_be_called_is_a_word_like_others(here, option):
    file, _, _ = drafted(here, f"--lr 0.1 {option} {'word/' * 2000}")
    assert file["trainer"]["command"][:4] == ["./relax", "--lr", "{lr}", option]


def test_options_name_their_values_and_other_words_stay(here):
    (here / "data.csv").write_text("1\n")
    file, _, _ = drafted(here, "--gamma 0.1 --seed=3 --mode fast -v --out res data.csv {x}")
    options = ["--gamma", "{gamma}", "--seed={seed}", "--mode", "fast", "-v", "--out", "{run_dir}/res"]
    assert file["trainer"]["command"] == ["./relax", *options, "data.csv", "{{x}}"]
    assert file["sweeps"] == {"first": {"seeds": [3, 4]}}


def test_a_file_that_is_there_is_read_and_a_folder_is_a_place(here):
    (here / "in").mkdir()
    (here / "in" / "grid.dat").write_text("1\n")
    file, draft, _ = drafted(here, "in/grid.dat 0.5")
    assert file["trainer"]["command"] == ["./relax", "in/grid.dat", "{arg2}"]
    assert '# ? cwd: "{run_dir}"' in draft.text
    file, draft, _ = drafted(here, "in/grid.dat in/ 0.5")
    assert file["trainer"]["command"] == ["./relax", "in/grid.dat", "{run_dir}", "{arg3}"]
    assert "cwd" not in draft.text


@pytest.mark.parametrize(
    ("name", "content", "start"),
    [
        ("fit.R", b"x <- 3\n", ["Rscript", "fit.R"]),
        ("run.sh", b"echo\n", ["sh", "run.sh"]),
        ("run.sh", b"#!/usr/bin/env bash\necho\n", ["bash", "run.sh"]),
        ("run.sh", b"#!/bin/sh -e\necho\n", ["sh", "-e", "run.sh"]),
        ("q.R", b"#!/usr/bin/env -S A=1 Rscript --vanilla\n", ["Rscript", "--vanilla", "q.R"]),
        ("a.awk", b"#! /usr/bin/awk -f\n", ["awk", "-f", "a.awk"]),
        ("run.sh", b"#!/usr/bin/env\necho\n", ["sh", "run.sh"]),
        ("relax", ELF, ["./relax"]),
        ("sim", b"#!/opt/my/bin/tool-x -q\n", ["/opt/my/bin/tool-x", "-q", "sim"]),
    ],
)
def test_what_runs_it_is_the_program_itself_or_its_interpreter(here, name, content, start):
    file, _, _ = drafted(here, "0.5", name, content)
    assert file["trainer"]["command"] == [*start, "{arg1}"]


def test_the_source_beside_a_compiled_program_is_named_and_is_none_itself(here):
    (here / "relax.cpp").write_text("int main() {}\n")
    file, _, _ = drafted(here, "0.5")
    assert file["trainer"]["env"] == {"SOURCE": "relax.cpp"}
    with pytest.raises(ScriptError, match=r"compile it, .*sweep init \./relax -- WORDS"):
        drafted(here, "0.5", "relax.cpp", b"int main() {}\n")


def test_a_word_for_a_format_is_no_place(here):
    file, _, _ = drafted(here, "--output json --lr 0.5 res/a.txt")
    assert file["trainer"]["command"][1:] == ["--output", "json", "--lr", "{lr}", "{run_dir}/a.txt"]
