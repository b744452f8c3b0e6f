"""`python -m sweeps` is `sweep`."""

from sweeps.cli import main

if __name__ == "__main__":
    main()
