"""What a trial's program finds first on its `PYTHONPATH`; needs nothing but Python, whichever one runs the program."""
