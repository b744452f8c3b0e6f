"""What a script takes from its command line, as its source says it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from sweeps.spec.fields import is_number
from sweeps.spec.settings import uppers

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sweeps.spec.trainer.arguments import Flag, Join, ListStyle
    from sweeps.spec.yaml_reader import Value


@dataclass(frozen=True, slots=True)
class Formula:
    """An expression of the source whose value only a run would tell.

    Attributes:
        text: The expression, as the source has it.
    """

    text: str


Default: TypeAlias = "Value | Formula"


@dataclass(frozen=True, slots=True)
class Option:
    """One thing that a script takes.

    Attributes:
        key: The setting that stands for it: the option's long name without its dashes.
        kind: Its type in words of the source, such as `int`; empty: the source does not say.
        default: What the script takes without it; None: nothing.
        choices: The values it may have; empty: any of its type.
        help: What the source says about it, in one line.
        flag: How the command line has it, such as `--batch-size`; empty: by its place.
        is_required: Whether the script does not start without it.
        booleans: How true and false are spelled where that is not as the style has it.
        lists: How a list is spelled where that is not as the style has it.
        is_list: Whether its value is a list.
        is_quiet: Whether the script's own config file says its default already, so that a file need not repeat it.
        aliases: Other flags that mean it, such as `-b`.
        question: Why its default cannot be written down as a setting; empty: it can.
        is_given: Whether its default is what somebody typed behind the script's name.
        source: The config file that its default is from; empty: it is the script's own, or typed.
        replaced: The script's own default, where what is typed or a config file has another.
        is_in_file: Whether it is no option, but a key of the config file that the script reads.
        is_group: Whether its word chooses a file of a group, whose keys are options below it.
        variable: The environment variable that it is taken from; empty: the command line has it.
        is_written: Whether the script writes the file that it names.
        metavar: What its help calls its value, where the source says so.
        assigns: Whether it takes settings as KEY=VALUE, each of which stands for a key of its own.
        is_override: Whether it is a key that such an option sets.
    """

    key: str
    kind: str = ""
    default: Default = None
    choices: tuple[Value, ...] = ()
    help: str = ""
    flag: str = ""
    is_required: bool = False
    booleans: Flag | tuple[str, str] | None = None
    lists: ListStyle | None = None
    is_list: bool = False
    is_quiet: bool = False
    aliases: tuple[str, ...] = ()
    question: str = ""
    is_given: bool = False
    source: str = ""
    replaced: Default = None
    is_in_file: bool = False
    is_group: bool = False
    variable: str = ""
    is_written: bool = False
    metavar: str = ""
    assigns: bool = False
    is_override: bool = False

    @property
    def is_positional(self) -> bool:
        """Whether the command line has it by its place."""
        return not self.flag and not self.is_in_file and not self.variable

    @property
    def is_named(self) -> bool:
        """Whether the command line has it by its flag, so that it is one of `{args}`."""
        return bool(self.flag)

    @property
    def is_flag(self) -> bool:
        """Whether it is true or false."""
        return self.kind == "bool"

    @property
    def is_number(self) -> bool:
        """Whether its default is a number."""
        return is_number(self.default)


def kind_of(default: Default) -> str:
    """The name of a default's type, of a list that of its first; empty where it is no number, text or truth."""
    first = default[0] if isinstance(default, list) and default else default
    return type(first).__name__ if isinstance(first, bool | int | float | str) else ""


NOTHING = "nothing"
"""The kind of a script that reads no command line."""
UNKNOWN = "a parser"
"""The kind of a command line of which the source does not tell what reads it."""


@dataclass(frozen=True, slots=True)
class Interface:
    """How a script is started.

    Attributes:
        kind: What reads its command line, in a word for people, such as `argparse`.
        style: The style of `args:` that spells its options.
        options: What it takes, in the order of the source.
        before: Words before the options, such as the name of a subcommand.
        after: Words behind the options.
        comments: What a reader of the file should know.
        config_flags: Options of the parser itself that say which config file it reads. They stand before all others, as the
            parser wants it, or as what it reads last counts.
        join: How a value follows its option, where that is not as the style has it.
        takes_files: Whether a word that is no option is a config file, of which what is read last counts, too.
        rest_flag: The option behind which all settings stand, as words of their own, such as `--opts`; empty: there is none.
        refuses_outputs: Whether it ends, or removes what is there, where a folder for its outputs is there already.
        config_file: The config file that it has nearly all settings from, each of which may be set there; empty: none.
        config_asked: What to ask where it reads such a file and nothing says which; empty: there is no question.
        runner: The file that runs it with other values for its constants, as it takes no options; empty: none.
        prefix: What stands before each key, where that is not as the style has it, such as `--set=`.
        overrides: The option that takes settings as KEY=VALUE, or `{args}` where they are words by themselves; empty: none does.
    """

    kind: str
    style: str
    options: tuple[Option, ...] = ()
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    comments: tuple[str, ...] = ()
    config_flags: tuple[str, ...] = ()
    join: Join | str = ""
    takes_files: bool = False
    rest_flag: str = ""
    refuses_outputs: bool = False
    config_file: str = ""
    config_asked: str = ""
    runner: str = ""
    prefix: str = ""
    overrides: str = ""


def plain_name(flag: str) -> str:
    """A flag as flags are compared: without the dashes before it, with `_` for those in it."""
    return flag.lstrip("-").replace("-", "_")


def with_uppers(keys: Iterable[str]) -> frozenset[str]:
    """Dotted keys, with those that hold them: `a` and `a.b` of `a.b.c`."""
    keys = frozenset(keys)
    return keys.union(*map(uppers, keys))


def with_other(option: Option, default: Default, source: str = "") -> Option:
    """The option with another default than the script's own: what is typed, or what a config file has."""
    own = option.default if option.replaced is None else option.replaced
    return replace(
        option, default=default, source=source, is_given=not source, is_quiet=bool(source), replaced=own
    )


def without_repeats(options: Iterable[Option]) -> tuple[Option, ...]:
    """The options, each key once: the last definition stands where the first stood, as a class that inherits overrides."""
    return tuple({option.key: option for option in options}.values())


def asked(option: Option, question: str) -> Option:
    """The option with a reason why its default is no setting."""
    return replace(option, question=question)
