"""Folders with files, for tests of what is found in them."""


def write(folder, files):
    """Write texts into files below a folder, by their paths there."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
