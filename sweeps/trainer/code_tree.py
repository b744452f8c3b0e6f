"""Where the trainer's code lies: its sources, what they import from their project, the folder that they belong to, and its repository."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from importlib import util
from pathlib import Path
from typing import TYPE_CHECKING

from sweeps.program.modules import file_of_module
from sweeps.program.named_paths import is_folder
from sweeps.program.surroundings import PYTHONPATH, is_plain, module_of, module_places, script_in
from sweeps.trainer import git
from sweeps.trainer.code_files import CODE, SKIPPED, CodeFiles, choose, is_config
from sweeps.trainer.imports import found_in, places_of, top_of
from sweeps.trainer.libraries import source_of
from sweeps.trainer.words.shell_texts import shell_texts

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from sweeps.spec.trainer.model import TrainerSpec
    from sweeps.trainer.git import Repository

INSTALLED = frozenset({"site-packages", "dist-packages"})
"""What lies beside a package in such a folder does not belong to it."""
_TOO_WIDE = (Path("/"), Path(os.path.expanduser("~")).resolve())  # noqa: PTH111 - Path.home() needs a home
"""No project begins here."""
MOST_IMPORTED = 5000
"""So many files count at most, the first by their paths."""
MOST_BYTES = 1 << 20
"""In a larger file no imports are looked for."""
_IMPORT = re.compile(r"^[ \t]*(?:from[ \t]+([\w.]+)[ \t]+import\b|import[ \t]+([\w., \t]+))", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class CodeTree:
    """A trainer's code where it lies.

    Attributes:
        files: The files of its folder, to copy and to link to.
        home: The folder that it is imported from, or that holds its script.
        repository: The git repository that has it, or None.
        tracked: The files that git tracks.
        is_installed: Whether it is among installed packages.
        findings: What git does not tell, in words.
        own: The trainer's sources.
    """

    files: CodeFiles
    home: Path
    repository: Repository | None
    tracked: frozenset[Path]
    is_installed: bool
    findings: tuple[str, ...] = ()
    own: frozenset[Path] = frozenset()

    @property
    def sources(self) -> list[Path]:
        """The files that make the program what it is: code, and configs beside it."""
        files = self.files
        return [
            path
            for path in files.copied
            if path.suffix in CODE or is_config(path, files.root) or path in self.own
        ]


def find_code(trainer: TrainerSpec, skipped: Collection[Path]) -> CodeTree | None:
    """Find the trainer's code, which no skipped folder holds; None where it has no sources that are known."""
    sources = [path.resolve() for path in trainer_sources(trainer)]
    if not sources:
        return None
    repository, trouble = git.find_repository(sources[0].parent)
    if repository is not None and repository.ignores(sources[0]):
        repository = None
    home = _home(trainer, sources)
    is_installed = bool(INSTALLED.intersection(home.parts))
    tracked, unlisted = repository.tracked() if repository is not None and not is_installed else ([], "")
    root = _root(trainer, home, repository if tracked else None, is_installed=is_installed)
    named = _named_by_shells(trainer)
    imports = imported_files(named, root) if named else []
    wanted = {*tracked, *sources, *(path.resolve() for path in imports)}
    chosen = choose(root, wanted, beside=not is_installed, skipped=skipped)
    findings = tuple(filter(None, (trouble, unlisted)))
    return CodeTree(chosen, home, repository, frozenset(tracked), is_installed, findings, frozenset(sources))


def is_project(folder: Path) -> bool:
    """Whether a folder may be a project's own: neither the root of all files nor a home."""
    return folder.resolve() not in _TOO_WIDE


def runs_in_place(trainer: TrainerSpec) -> bool:
    """Whether the code is run where it is: the file says so, or the command reads it in the folder where it runs.

    `python -m` looks there before any other place, and what a shell starts is found from there. What only the text of a shell names,
    no copy takes the place of.
    """
    said = trainer.surroundings
    if said.in_place or trainer.command is None:
        return said.in_place
    command = trainer.command
    if _scripts(command, ".py"):
        return False
    if (module := _own_module(trainer, command)) is not None:
        if said.cwd is not None and not is_plain(said.cwd):
            return False
        return module[1].resolve() == Path("" if said.cwd is None else said.cwd.text).resolve()
    if _scripts(command, ".sh"):
        return said.cwd is None
    return bool(_named_by_shells(trainer))


def trainer_sources(trainer: TrainerSpec) -> list[Path]:
    """The Python files of the trainer's top-level package, or what a command names, itself or in a shell's text: scripts, or the module of `-m`.

    None where unknown. The paths are absolute; links in them are not followed.
    """
    if trainer.run is None:
        return _sources_of(trainer)
    with found_in(places_of(trainer), (trainer.run,)):
        found = util.find_spec(top_of(trainer.run))
    if found is None:
        return []
    roots = [Path(place).absolute() for place in found.submodule_search_locations or ()]
    if not roots:
        return [Path(found.origin).absolute()] if found.origin else []
    return sorted(path for root in roots for path in python_files(root))


def _sources_of(trainer: TrainerSpec) -> list[Path]:
    """What a command runs: its scripts, or the module of its `-m`, and what the shells among it are told to run."""
    command = trainer.command or ()
    own = (
        _scripts(command, ".py")
        or _files_of_module(_own_module(trainer, command))
        or _scripts(command, ".sh")
    )
    return list(dict.fromkeys([*own, *_named_by_shells(trainer)]))


def _named_by_shells(trainer: TrainerSpec) -> list[Path]:
    """The scripts that shells of the command run, and what these name: scripts, and modules of `-m`."""
    found: list[Path] = []
    for text in shell_texts(trainer.command or ()):
        found += [text.file] if text.file is not None else []
        found += text.scripts()
        found += _files_of_module(_own_module(trainer, text.words, text.module_places))
    return list(dict.fromkeys(found))


def _files_of_module(module: tuple[str, Path] | None) -> list[Path]:
    """The files of the top-level package of a module that is found from a folder."""
    if module is None:
        return []
    top = module[1].absolute() / top_of(module[0])
    return sorted(python_files(top)) if is_folder(top) else [top.with_suffix(".py")]


def _own_module(
    trainer: TrainerSpec, words: Sequence[str], further: Iterable[Path] = ()
) -> tuple[str, Path] | None:
    """The module of a `-m MODULE` that is the project's own, and the folder that it is found from.

    Of further folders, and of those on `PYTHONPATH`, those count that lie in the working directory; of `PYTHONPATH` also what
    the file names.
    """
    said, here = trainer.surroundings, Path.cwd()
    places = module_places(said, os.environ)
    run, path = places[: places.index(here) + 1], places[places.index(here) + 1 :]
    is_said = any(variable.name == PYTHONPATH for variable in said.env)
    named = [
        place for place in (*further, *path) if place.is_relative_to(here) or (is_said and place in path)
    ]
    own = [
        place
        for place in named
        if is_project(place)
        and INSTALLED.isdisjoint(place.parts)
        and (found := module_of(words, [place]))
        and file_of_module(found[0], [place])
    ]
    return module_of(words, [*run, *own])


def _scripts(command: Sequence[str], suffix: str) -> list[Path]:
    return [path for word in command if (path := script_in(word, suffix)) is not None]


def python_files(package: Path) -> Iterator[Path]:
    """The Python files below a package, but for those of environments and of copies that lie in it."""
    for folder, inner, names in os.walk(package):
        here = Path(folder)
        inner[:] = [
            name for name in inner if name not in SKIPPED and not (here / name / "pyvenv.cfg").exists()
        ]
        yield from (here / name for name in names if name.endswith(".py"))


def common_folder(paths: Iterable[Path]) -> Path:
    """The innermost folder that holds all of them."""
    return Path(os.path.commonpath([path.parent for path in paths]))


def _home(trainer: TrainerSpec, sources: Sequence[Path]) -> Path:
    """The folder that the trainer is imported from, or that holds its script."""
    if trainer.run is None:
        module = (
            None if _scripts(trainer.command or (), ".py") else _own_module(trainer, trainer.command or ())
        )
        if module is not None:
            return module[1].resolve()
        common = common_folder(sources)
        return common if common.is_relative_to(Path.cwd()) else sources[0].parent
    top = top_of(trainer.run)
    return next((place.parent for place in sources[0].parents if place.name == top), sources[0].parent)


def _root(trainer: TrainerSpec, home: Path, repository: Repository | None, *, is_installed: bool) -> Path:
    """The folder that the copy stands for.

    It is the spec's folder, or else the working directory, if the repository, or outside git the code, is in it; else
    the repository. Where none of them holds the folder that the code is imported from, it is that one: a repository may
    be a package itself.
    """
    if is_installed:
        return home
    top = home if repository is None else repository.top
    projects = [Path(trainer.place.file).resolve().parent, Path.cwd()]
    places = [place for place in projects if is_project(place) and top.is_relative_to(place)]
    return next((place for place in (*places, top) if home.is_relative_to(place)), home)


def imported_files(sources: Sequence[Path], top: Path, further: Iterable[Path] = ()) -> list[Path]:
    """The files that some Python files import, and what these import in turn, sorted; the Python files themselves left out.

    Research code finds its modules in many ways: beside the script, below `PYTHONPATH`, or in a folder above that
    `sys.path.append` adds. So a name is looked for in all of these folders, up to the project's own. Nothing is imported: only the
    words of the source tell. Of a package all files count, as many find their parts by name.
    """
    own = {path.resolve() for path in sources}
    inside = (place for path in sources for place in _places(path, top))
    places = list(dict.fromkeys(map(str, (*inside, *(place.absolute() for place in further)))))
    found: dict[Path, None] = {}
    names: set[str] = set()
    waiting = list(sources)
    while waiting and len(found) < MOST_IMPORTED:
        for name in sorted(set(imported_names(waiting.pop())) - names):
            names.add(name)
            for path in _files_of(name, places):
                if path.resolve() not in own and path not in found:
                    found[path] = None
                    waiting.append(path)
    return sorted(found)[:MOST_IMPORTED]


def _places(path: Path, top: Path) -> Iterator[Path]:
    """The folders from that of a file up to the project's."""
    yield path.parent
    if path.is_relative_to(top):
        yield from (place for place in path.parent.parents if place.is_relative_to(top))


def imported_names(path: Path) -> Iterator[str]:
    """The top names of what a file imports; of relative imports none, as a package counts as a whole.

    Its words are looked at, not its syntax: of a package of fifty files that takes milliseconds, and each command pays it.
    """
    try:
        text = path.read_text(encoding="utf-8", errors="replace") if path.stat().st_size <= MOST_BYTES else ""
    except OSError:
        return
    for origin, several in _IMPORT.findall(text):
        for name in (origin or several).split(","):
            yield name.strip().partition(".")[0].partition(" ")[0]


def _files_of(name: str, places: Sequence[str]) -> list[Path]:
    """The files that a name stands for, as Python would find it: a module, a package, or else the first folder of that name with code."""
    if not name or name in SKIPPED:
        return []
    if (source := source_of(name, places)) is not None:
        return sorted(python_files(source.parent)) if source.name == "__init__.py" else [source]
    folders = (Path(place, name) for place in places)
    return next((files for folder in folders if (files := sorted(python_files(folder)))), [])
