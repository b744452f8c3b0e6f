"""Configs as a table of small numbers, in which equal values are found by comparing numbers."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sweeps.spec.settings import identity

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sweeps.importing.studies.study import Config
    from sweeps.spec.yaml_reader import Value

ABSENT = -1
"""The code of a key that a config does not have."""


class Table:
    """The values of configs as codes: two of one key have the same code if they are the same value.

    Attributes:
        keys: All keys, in the order in which they appear.
        columns: The codes of each key, one a config.
    """

    def __init__(self, configs: Sequence[Config]) -> None:
        self.keys = tuple(dict.fromkeys(key for config in configs for key in config))
        self.columns: dict[str, list[int]] = {}
        self._values: dict[str, list[Value]] = {}
        self.size = len(configs)
        for key in self.keys:
            self._read(key, configs)

    def _read(self, key: str, configs: Sequence[Config]) -> None:
        codes: dict[object, int] = {}
        values: list[Value] = []
        column = []
        for config in configs:
            if key not in config:
                column.append(ABSENT)
                continue
            value = config[key]
            mark = value if isinstance(value, str) else (identity(value),)
            code = codes.get(mark)
            if code is None:
                code = codes[mark] = len(values)
                values.append(value)
            column.append(code)
        self.columns[key] = column
        self._values[key] = values

    def value(self, key: str, code: int) -> Value:
        """The value that a code stands for."""
        return self._values[key][code]

    def is_common(self, key: str) -> bool:
        """Whether all configs have the same value of a key."""
        codes = set(self.columns[key])
        return len(codes) == 1 and ABSENT not in codes

    def codes(self, key: str, rows: Iterable[int]) -> list[int]:
        """The codes of a key in some rows."""
        column = self.columns[key]
        return [column[row] for row in rows]

    def row(self, keys: Sequence[str], at: int) -> tuple[int, ...]:
        """The codes of some keys in one row."""
        return tuple([self.columns[key][at] for key in keys])

    def config(self, at: int) -> dict[str, Value]:
        """The config of a row."""
        return {
            key: self._values[key][code] for key in self.keys if (code := self.columns[key][at]) != ABSENT
        }


def in_order(codes: Iterable[int]) -> list[int]:
    """The different codes, in the order in which they appear."""
    return list(dict.fromkeys(codes))


def most_frequent(codes: Iterable[int]) -> int:
    """The code that appears most often; the first of several."""
    return Counter(codes).most_common(1)[0][0]


def shape(codes: Iterable[int]) -> tuple[int, ...]:
    """Codes numbered by their first appearance: two keys with the same shape change together."""
    known: dict[int, int] = {}
    return tuple([known.setdefault(code, len(known)) for code in codes])
