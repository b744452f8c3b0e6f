"""`python -m sweeps` is `sweep`."""

import sys
from pathlib import Path

if __name__ == "__main__":
    # Python puts the working directory first, where a user's `random.py` or `analysis/` may lie.
    if not sys.flags.safe_path and Path(sys.path[0]).resolve() != Path(__file__).resolve().parents[1]:
        del sys.path[0]

    from sweeps.cli import main

    main()
