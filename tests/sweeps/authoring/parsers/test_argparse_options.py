from sweeps.authoring.option import Formula
from tests.sweeps.authoring.scripts import defaults, interface, options

HEAD = "import argparse\np = argparse.ArgumentParser()\n"


def test_types_defaults_choices_and_help_are_read(tmp_path):
    found = options(
        tmp_path,
        HEAD
        + """
p.add_argument("data", help="where the data is")
p.add_argument("-b", "--batch-size", type=int, default=64, metavar="N", help="input batch size (default: %(default)s)")
p.add_argument("--lr", type=float, default=1, help="rate, 50%% of it")
p.add_argument("--optim", choices=["SGD", "Adam"], default="Adam")
p.add_argument("--out", required=True)
p.add_argument("--sizes", type=int, nargs="+", default=[64, 32])
p.add_argument("--tag", action="append")
""",
    )
    assert list(found) == ["data", "batch-size", "lr", "optim", "out", "sizes", "tag"]
    assert found["data"].is_positional
    assert found["data"].is_required
    assert found["batch-size"].flag == "--batch-size"
    assert found["batch-size"].help == "input batch size"
    assert found["lr"].default == 1.0
    assert isinstance(found["lr"].default, float)
    assert found["lr"].help == "rate, 50% of it"
    assert found["optim"].choices == ("SGD", "Adam")
    assert found["out"].is_required
    assert (found["sizes"].is_list, found["sizes"].default) == (True, [64, 32])
    assert found["tag"].lists == "repeat"


def test_flags_are_spelled_as_their_action_takes_them(tmp_path):
    found = options(
        tmp_path,
        HEAD
        + """
p.add_argument("--on", action="store_true")
p.add_argument("--no-cuda", dest="cuda", action="store_false")
p.add_argument("--amp", action=argparse.BooleanOptionalAction, default=True)
p.add_argument("--trap", type=bool, default=False)
p.add_argument("--text", type=str2bool, default="yes")
""",
    )
    assert (found["on"].default, found["on"].booleans) == (False, None)
    assert (found["no-cuda"].default, found["no-cuda"].kind) == (False, "bool")
    assert (found["amp"].default, found["amp"].booleans) == (True, "no-flag")
    assert found["trap"].booleans == ("True", "")
    assert (found["text"].default, found["text"].booleans) == (True, ("True", "False"))


def test_a_type_that_makes_a_truth_of_a_word_is_a_flag_with_the_words_that_it_takes(tmp_path):
    found = options(
        tmp_path,
        HEAD
        + """
p.add_argument("--a", type=lambda x: bool(strtobool(x)), default=True, nargs="?", const=True)
p.add_argument("--b", type=lambda x: x == "true", default="yes")
p.add_argument("--c", type=strtobool, default=1)
p.add_argument("--d", type=eval, default=False)
p.add_argument("--e", type=eval, default="3")
p.add_argument("--f", type=lambda x: x.split(","), default="3,4")
p.add_argument("--g", type=lambda x: x == "true", default=flag())
p.add_argument("--h", type=lambda x: x == "true")
p.set_defaults(h=True)
""",
    )
    assert {key: (one.kind, one.default, one.booleans) for key, one in found.items()} == {
        "a": ("bool", True, ("True", "False")),
        "b": ("bool", False, ("true", "false")),
        "c": ("bool", True, ("True", "False")),
        "d": ("bool", False, ("True", "False")),
        "e": ("eval", "3", None),
        "f": ("lambda", "3,4", None),
        "g": ("bool", None, ("true", "false")),
        "h": ("bool", True, ("true", "false")),
    }
    assert found["g"].question == "flag()"


def test_what_a_command_line_cannot_give_back_is_a_question(tmp_path):
    found = options(
        tmp_path,
        HEAD
        + """
p.add_argument("--untyped", default=5)
p.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
p.add_argument("--kwargs", type=json.loads, default={})
p.add_argument("--empty", nargs="+", default=[])
p.add_argument("-v", action="count", default=0)
g = p.add_mutually_exclusive_group()
g.add_argument("--epochs", type=int, default=3)
""",
    )
    assert all(option.question for option in found.values())
    assert "without a type=" in found["untyped"].question
    assert isinstance(found["device"].default, Formula) is False
    assert "is_available" in found["device"].question


def test_parsers_of_helpers_of_other_files_and_of_bases_count_and_unused_ones_do_not(tmp_path):
    assert defaults(
        tmp_path,
        "from options import Train\nfrom more import add\nimport argparse\nadd(Train().parser)\n",
        options="""
            from base import Base
            class Train(Base):
                def init(self, parser):
                    parser.add_argument("--lr", type=float, default=0.1)
        """,
        base="class Base:\n    def init(self, parser):\n        parser.add_argument('--seed', type=int, default=1)\n",
        more="""
            def add(parser):
                parser.add_argument("--width", type=int, default=WIDTH)
            WIDTH = 2 ** 4
            def other(parser):
                parser.add_argument("--unused")
            if __name__ == "__main__":
                p.add_argument("--of-its-own")
        """,
    ) == {"lr": 0.1, "width": 16, "seed": 1}


def test_of_subcommands_the_one_that_trains_is_chosen(tmp_path):
    found = interface(
        tmp_path,
        HEAD
        + """
p.add_argument("--verbose", action="store_true")
sub = p.add_subparsers()
e = sub.add_parser("eval")
e.add_argument("--split", default="test")
t = sub.add_parser("train")
t.add_argument("--lr", type=float, default=0.1)
""",
    )
    assert found.before == ("train",)
    assert [option.key for option in found.options] == ["lr"]
    assert "--verbose stands before `train`" in found.comments[0]


SUBCOMMANDS = """
sub = p.add_subparsers()
one = sub.add_parser("eval")
one.add_argument("--split", default="test")
g = one.add_argument_group("more")
g.add_argument("--batch", type=int, default=8)
one = sub.add_parser("train")
one.add_argument("--lr", type=float, default=0.1)
g = one.add_argument_group("more")
g.add_argument("--width", type=int, default=3)
"""


def test_a_variable_may_hold_the_parser_or_a_group_of_one_subcommand_after_the_other(tmp_path):
    found = interface(tmp_path, HEAD + SUBCOMMANDS)
    assert found.before == ("train",)
    assert [option.key for option in found.options] == ["lr", "width"]
    assert found.comments == ()


def test_a_function_above_may_add_to_the_parser_of_a_subcommand(tmp_path):
    early = "def more():\n    t.add_argument('--seed', type=int, default=1)\n"
    found = interface(tmp_path, HEAD + early + "sub = p.add_subparsers()\nt = sub.add_parser('train')\n")
    assert [option.key for option in found.options] == ["seed"]


def test_defaults_that_are_set_later_stand(tmp_path):
    text = HEAD + "p.add_argument('--lr', type=float, required=True)\np.set_defaults(lr=0.3)\n"
    assert (options(tmp_path, text)["lr"].default, options(tmp_path, text)["lr"].is_required) == (0.3, False)


def test_a_flag_that_set_defaults_leaves_off_is_a_flag_and_one_that_it_turns_on_has_no_value(tmp_path):
    text = (
        HEAD
        + "p.add_argument('--norm', action='store_true')\np.add_argument('--pin', action='store_true')\n"
        + "p.set_defaults(norm=False, pin=True)\n"
    )
    found = options(tmp_path, text)
    assert (found["norm"].default, found["norm"].question) == (False, "")
    assert found["pin"].question == "set_defaults turns it on"


def test_options_of_optparse_are_read_as_those_of_argparse(tmp_path):
    text = """
    import optparse
    p = optparse.OptionParser()
    p.add_option("-e", "--epochs", type="int", default=5, help="how long")
    p.add_option("--fast", action="store_true", default=False)
    options, rest = p.parse_args()
    """
    found = options(tmp_path, text)
    assert (found["epochs"].default, found["epochs"].kind, found["fast"].kind) == (5, "int", "bool")
