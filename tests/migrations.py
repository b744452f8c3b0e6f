"""Alembic keeps what it has read: else it reads all migrations of MLflow, or Optuna, anew for each store that a test opens."""

from importlib.util import find_spec
from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory

PLACES = {"mlflow": "store/db_migrations", "optuna": "storages/_rdb/alembic"}
"""Where libraries have their migrations."""


def read_once():
    """Read those of `PLACES` now, so that processes that are forked from this one have them, and no other twice."""
    kept = {}
    read = ScriptDirectory.from_config

    def from_config(config):
        place = config.get_main_option("script_location")
        if place not in kept:
            kept[place] = read(config)
        return kept[place]

    ScriptDirectory.from_config = from_config
    for package, folder in PLACES.items():
        config = Config()
        config.set_main_option("script_location", str(Path(find_spec(package).origin).parent / folder))
        from_config(config).get_heads()
