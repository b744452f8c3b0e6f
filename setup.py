"""What pyproject.toml cannot say: a package index shows the README without its pictures, and with paths in place of links to files."""

import re
from pathlib import Path

from setuptools import setup

LINK = re.compile(r"(!?)\[([^\]]*)\]\((?!https?:)([^)]+)\)")


def shown(link: re.Match[str]) -> str:
    """What stands for a link that leads to a file of the repository."""
    picture, words, path = link.groups()
    if picture:
        return ""
    return f"{words} (`{path}`)" if words != path else f"`{path}`"


setup(
    long_description=LINK.sub(shown, Path("README.md").read_text(encoding="utf-8")),
    long_description_content_type="text/markdown",
)
