"""Scripts as the command lines that they would run."""

import pytest

from sweeps.importing.shell.script import read_script
from sweeps.importing.shell.values import Unreadable


def run(text):
    return [" ".join(command.words) for command in read_script(text).commands]


def test_nested_loops_run_their_commands_in_order():
    text = """
    lrs=(0.1 0.01)
    for lr in "${lrs[@]}"; do
      for seed in {1..2}
      do
        python train.py --lr $lr --seed "$seed" \\
           --out runs/${lr}_$seed > log 2>&1 &
      done
    done
    wait
    for s in $(seq 2); do for t in a; do python x.py $s $t; done; done
    """
    assert run(text) == [
        *(
            f"python train.py --lr {lr} --seed {seed} --out runs/{lr}_{seed}"
            for lr in (0.1, 0.01)
            for seed in (1, 2)
        ),
        "python x.py 1 a",
        "python x.py 2 a",
    ]


def test_variables_folders_and_environments():
    text = "A=1\nexport B=$A\n(cd sub && C=3 python a.py)\ncd x\ncd y\nD=$NOPE python b.py"
    script = read_script(text)
    assert [(c.env, c.cwd) for c in script.commands] == [({"B": "1", "C": "3"}, "sub"), ({"B": "1"}, "x/y")]
    assert "D is left out" in next(iter(script.notes))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("python a.py $(cat x)", "nothing is run here"),
        ("if true; then\npython a.py\nfi", "decided when the script runs"),
        ("f() {\npython a.py\n}", "a function"),
        ("for i in 1 2; do\npython a.py", "not closed"),
        ("for ((i=0;i<3;i++)); do\npython a.py\ndone", "write out"),
        ("python a.py <<EOF\npython b.py\nEOF", "reads its input"),
        ("source venv/bin/activate", "prepares the shell"),
        ("make || python a.py", "only where the command before it fails"),
        ("for i in $X; do\npython a.py $i\ndone", "is set nowhere"),
    ],
)
def test_what_cannot_be_read_is_named(text, reason):
    script = read_script(text)
    assert any(reason in told for told in script.left_out.values()), script.left_out
    assert [command for command in script.commands if command.words[0] == "python" and "||" not in text] == (
        script.commands if "not closed" in reason else []
    )


def test_loops_and_texts_that_grow_without_end_are_given_up():
    with pytest.raises(Unreadable, match="more than 200,000"):
        read_script("for i in {1..2000}; do for j in {1..2000}; do :; done; done")
    script = read_script("x=aaaa\n" + "x=$x$x\n" * 60 + "python $x\n")
    assert script.commands == []
    read_script("for i in 1\n" * 5000)
