"""Real git repositories, for tests of what is read from them."""

import subprocess

AUTHOR = ("-c", "user.name=t", "-c", "user.email=t@localhost", "-c", "commit.gpgsign=false")


def commit(folder, *first):
    """Commit all that a folder holds, after another git command where one is given."""
    for words in (first, ("add", "--all"), ("commit", "--quiet", "--message", "m")):
        if words:
            subprocess.run(["git", *AUTHOR, *words], cwd=folder, check=True)  # noqa: S607 - the PATH's git
