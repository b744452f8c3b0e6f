"""Lines of one program, taken apart."""

from sweeps.importing.program.lines import Found, lines_of_one_form, lines_of_one_program
from sweeps.importing.shell.script import read_script


def lines(text):
    found = Found({}, {})
    return lines_of_one_form(lines_of_one_program(read_script(text).commands, found), found), found


def test_what_starts_a_program_is_no_part_of_it():
    (line,), _ = lines("nohup env -u B A=1 torchrun --nproc_per_node 2 train.py --lr 1")
    assert line.head == ("torchrun", "--nproc_per_node", "2", "train.py")
    assert line.env == {"A": "1"}
    (line,), _ = lines("python -u -m pkg.train --lr 1")
    assert line.head == ("python", "-u", "-m", "pkg.train")


def test_what_builds_a_program_is_none_that_a_file_could_be_made_of():
    kept, found = lines("g++ -O2 -o a a.cpp\n/usr/bin/make b\n./a 1\nmake c")
    assert [line.head for line in kept] == [("./a",)]
    assert found.left_out == {
        1: "`g++` builds what runs; do so before `sweep run`",
        2: "`/usr/bin/make` builds what runs; do so before `sweep run`",
        4: "`make` builds what runs; do so before `sweep run`",
    }
    kept, found = lines("make train LR=1\nmake train LR=2")
    assert (len(kept), found.left_out) == (2, {})


def test_other_programs_places_and_forms_are_left_out():
    kept, found = lines(
        "python a.py 1\npython a.py 2\npython b.py 1\nrm -rf /\npython a.py\n(cd x && python ../a.py 3)"
    )
    assert [line.line for line in kept] == [1, 2]
    assert {line: reason.split(",")[0] for line, reason in found.left_out.items()} == {
        3: "runs `python b.py`",
        4: "runs `rm`",
        5: "has other positional arguments than most lines; import it into a file of its own",
        6: "runs in x",
    }


def test_a_script_is_named_from_where_sweep_starts():
    kept, _ = lines("cd sub\npython train.py\n")
    assert kept[0].head == ("python", "sub/train.py")
    kept, _ = lines("(cd r/1 && python ../../t.py --a 1)\n(cd r/2 && python ../../t.py --a 2)")
    assert {(line.cwd, line.head) for line in kept} == {("{run_dir}", ("python", "t.py"))}


def test_a_multirun_is_its_lines():
    kept, _ = lines("python t.py -m a=1,2 b=3")
    assert [[o.values for o in line.arguments.options] for line in kept] == [
        [("1",), ("3",)],
        [("2",), ("3",)],
    ]
