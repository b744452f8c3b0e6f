"""The `sweep` command: finds the packages of this distribution, whatever else has their names, and runs it.

Its own name is the distribution's, so that nothing else is called like it.
"""

import sys
from pathlib import Path

HOME = Path(__file__).resolve().parent


def main() -> None:
    """Run the command line with this distribution's own packages, or say in one sentence why that cannot be."""
    if trouble := unsupported(sys.platform) or placeless() or overwritten(HOME):
        print(trouble, file=sys.stderr)  # noqa: T201 - nothing of sweep can be imported
        sys.exit(2)
    put_own_first()
    try:
        from sweeps.cli import main as run
    except KeyboardInterrupt:
        print("stopped before anything was begun", file=sys.stderr)  # noqa: T201 - as above
        sys.exit(130)
    run()


def unsupported(platform: str) -> str:
    """Why nothing can run on a platform, by Python's word for it; empty where it can."""
    if platform not in {"win32", "cygwin"}:
        return ""
    return (
        "sweep runs on Linux and macOS: it starts trials by fork, which Windows does not have; use it in WSL, "
        "the Linux in Windows: https://learn.microsoft.com/windows/wsl/install"
    )


def placeless() -> str:
    """Why nothing can run in a folder that somebody removed; empty where there is one."""
    try:
        Path.cwd()
    except FileNotFoundError:
        return "the working directory was removed; `cd` into a folder that is there"
    return ""


def overwritten(home: Path) -> str:
    """Why the package `sweeps` is not this distribution's, where another one was installed over it; else empty."""
    if "sweep-experiments" in (home / "sweeps" / "__init__.py").read_text(encoding="utf-8", errors="replace"):
        return ""
    return (
        f"{home / 'sweeps'}: another distribution that has a package `sweeps` was installed over this one; "
        "run `pip uninstall sweeps`, then `pip install --force-reinstall --no-deps sweep-experiments`"
    )


def put_own_first() -> None:
    """Have this distribution's folder come first where another `sweeps` would: a user's folder on the PYTHONPATH."""
    for place in sys.path:
        folder = Path(place).resolve()
        if folder == HOME:
            return
        if any((folder / name).exists() for name in ("sweeps", "sweeps.py")):
            sys.path.insert(0, str(HOME))
            return


if __name__ == "__main__":
    main()
