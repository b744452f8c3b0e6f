"""The config files that are found for a command."""

from sweeps.trainer.configs.files import config_files
from tests.sweeps.specs import read


def found(folder, command, *sources, more=""):
    spec = read(folder, "sweeps: {a: {set: {x: 1}}}", f"trainer: {{command: {command}{more}}}\n")
    files, _ = config_files(spec.trainer, [folder / source for source in sources], folder)
    return [str(path.relative_to(folder)) for path in files]
