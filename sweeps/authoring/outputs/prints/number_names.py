"""What a number of a printed line is called: by its expression, or by the words that stand further before it."""

from __future__ import annotations

import ast
import re

from sweeps.authoring.literals import text_of
from sweeps.sources.counters import COUNTERS

STRONG = re.compile(
    r"(?i)(^|_)\w*(loss|acc|accuracy|err|error|score|auc|f1|psnr|ssim|fid|bleu|rouge|ppl|perplexity|rewards?|returns?|mse|mae|rmse|r2|precision|recall|nll|elbo|dice|iou|exploitability)\d*(_|$)"
)
"""Names that surely say a metric."""
_VALUES = re.compile(r"(?i)(^|_)(lr|learning_rate|rate)(_|$)")
"""Names of what is no counter, whatever fills it in: `lr: {lr_step}`."""
_INDICES = frozenset(
    {
        "i",
        "k",
        "t",
        "idx",
        "index",
        "id",
        "num",
        "no",
        "nr",
        "n",
        "number",
        "count",
        "counter",
        "cur",
        "current",
    }
)
"""What may stand behind a counter in a name that counts: `batch_idx` counts batches, `batch_time` does not."""
_PLACES = frozenset(
    {
        *("rank", "local_rank", "global_rank", "world_size", "worker", "worker_id", "pid"),
        *("run", "fold", "split", "trial", "repeat"),
    }
)
"""Numbers of a process, or of one training among several."""
_NOUNS = r"epochs|steps|iterations|iters|episodes|batches|updates|rounds"
_COUNT_OF = re.compile(rf"\s+(?:[A-Za-z]+\s+){{0,2}}(?:{_NOUNS})\b")
"""What stands behind a number that says how many, as in `over 10 test episodes`."""
_BEHIND_COUNT = re.compile(rf"{_COUNT_OF.pattern}\s*(?:[:=,]|is|was)?\s*[\[(]?\s*")
_UNIT = re.compile(
    r"\s*(?:ms|us|ns|s|sec|secs|seconds|min|mins|h|it/s|tok/s|tokens/s|img/s|[KMGT]i?B|%)(?=[\s|,;)\]]|$)"
)
"""What stands right behind a number as its unit, and is no name of the next."""
_WEAK = frozenset({"is", "was", "are", "of", "at", "in", "on", "to", "for", "by", "the", "a", "and"})
_PREPOSITIONS = (
    "_of",
    "_on",
    "_for",
    "_in",
    "_with",
    "_from",
    "_at",
    "_to",
    "_over",
    "_using",
    "_the",
    "_loading",
)
_CHAIN = re.compile(r"\b((?:[A-Za-z]+/)+[A-Za-z]+)( [A-Za-z]+)?\s*[:=]?\s*$")
_CLAUSE = re.compile(r"[,;|:=\n]|\.\s")
TEXT_HOLE, NUMBER_HOLE = "?", "#"
"""What stands for a hole in the text before a number."""
_WORD = re.compile(r"[A-Za-z][\w@]*")


def own_name(node: ast.expr | None) -> str:
    """What an expression is called: `train_loss` of `train_loss / n`, `loss` of `loss.item()`, `val` of `losses["val"]`."""
    name = ""
    while node is not None and not name:
        node, name = _inner_name(node)
    cleaned = re.sub(r"\W+", "_", name).strip("_").lower()
    first, _, rest = cleaned.partition("_")
    for word in (cleaned, cleaned.rpartition("_")[2], first if rest in _INDICES else ""):
        if word in COUNTERS:
            return word
    return cleaned


def _inner_name(node: ast.expr) -> tuple[ast.expr | None, str]:
    """An expression's name, or else the expression that has it."""
    match node:
        case ast.Attribute(value=value, attr="item" | "val" | "avg" | "value" | "data"):
            return value, ""
        case (
            ast.Name(id=name) | ast.Attribute(attr=name) | ast.Subscript(slice=ast.Constant(value=str(name)))
        ):
            return None, name
        case (
            ast.Subscript(value=inner)
            | ast.Call(func=ast.Attribute() as inner, args=[])
            | ast.Call(args=[inner, *_])
            | ast.BinOp(left=inner)
        ):
            return inner, ""
        case _:
            return None, ""


def is_value(name: str) -> bool:
    """Whether a name is that of something set, which its expression does not make a counter."""
    return _VALUES.search(name) is not None


def is_size(node: ast.expr | None) -> bool:
    """Whether an expression says how many there are: `len(...)`."""
    return isinstance(node, ast.Call) and text_of(node.func) == "len"


def is_of_process(name: str) -> bool:
    """Whether a name is that of a process among several."""
    return name in _PLACES


def says_how_many(after: str) -> bool:
    """Whether a number is how many there are of what is named behind it, and counts nothing itself."""
    return _COUNT_OF.match(after) is not None


def is_behind_count(between: str) -> bool:
    """Whether nothing but that noun stands between such a number and the next."""
    return _BEHIND_COUNT.fullmatch(between) is not None


def without_unit(between: str) -> str:
    """The text behind a number, without its unit."""
    return _UNIT.sub("", between, count=1) if _UNIT.match(between) else between


def is_part_of_sentence(name: str) -> bool:
    """Whether a name ends in a word that another one follows, so that what stands there is no value: `accuracy of`."""
    return name.endswith(_PREPOSITIONS)


def is_spread(between: str) -> bool:
    """Whether a number is how far others are spread around the one before it: `0.9 ± 0.1`."""
    return re.fullmatch(r"%?\s*(?:±|\+/-|\+-)\s*", between) is not None


def chain_names(label: str) -> list[str]:
    """The names in a label with slashes: `train_loss` and `val_loss` of `Train/Val loss:`; none of another label."""
    match = _CHAIN.search(label)
    if match is None:
        return []
    rest = f"_{match[2].strip().lower()}" if match[2] else ""
    return [f"{part.lower()}{rest}" for part in match[1].split("/")]


def is_of_each(before: str) -> bool:
    """Whether a metric is that of one thing of several, which a text says: `accuracy of {name}:`."""
    return (
        re.search(
            rf"(?i)\b(accuracy|acc|error|iou|f1|precision|recall)\s+(of|for)\s+\{TEXT_HOLE}\W*$", before
        )
        is not None
    )


def is_weak(name: str) -> bool:
    """Whether a name says nothing: a verb, or one letter."""
    return name in _WEAK or len(name) <= 1


def plain_metric(name: str) -> str:
    """A name without the verb behind it: `best_acc` of `best_acc_is`."""
    return re.sub(r"_(?:is|was|are)$", "", name)


def clause_name(before: str) -> str:
    """The metric that is named further before a number: `test_accuracy` of `Test accuracy after epoch 3 is:`.

    Args:
        before: The text before the number, with a mark for each hole.

    Returns:
        The name; empty where there is none, or where a text that a run fills in stands between, as in `accuracy of {name}:`.
    """
    clause = _CLAUSE.split(before.rstrip(" \t:=([->"))[-1]
    words = list(_WORD.finditer(clause))
    at = next((at for at in reversed(range(len(words))) if STRONG.fullmatch(words[at][0])), None)
    if at is None or TEXT_HOLE in clause[words[at].end() :]:
        return ""
    first = max(at - 1, 0)
    first += words[first][0].lower() in _WEAK
    return "_".join(word[0] for word in words[first : at + 1]).lower()
