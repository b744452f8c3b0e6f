"""What `sweep plan`, `status` and `run` show, and `import sweeps` gives, one row a trial: nothing here prints."""

from __future__ import annotations

from typing import Any

Row = dict[str, Any]
"""A row, by column."""
