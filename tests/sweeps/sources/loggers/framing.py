"""Reads a framed file piece by piece, for tests of each format."""


def read_all(read, path, position=None, limit=1 << 20):
    """Everything that is there now, the position behind it, and the notes."""
    payloads, notes, position = [], [], position or {}
    while True:
        piece = read(path, position, limit)
        payloads += piece.payloads
        notes += piece.notes
        if piece.position == position:
            return payloads, position, notes
        position = piece.position
