"""Where the images of a figure lie, and what any figure has unless it says otherwise."""

from __future__ import annotations


class ImageFiles:
    """Where the images of a figure lie: beside each other, under one name; and the band that it has, if any."""

    path: str

    @property
    def band(self) -> str:
        """What its bands or bars of repeats are; empty where it has none."""
        return ""

    @property
    def svg_path(self) -> str:
        """Where the image lies as SVG."""
        return f"{self.path.removesuffix('.png')}.svg"

    @property
    def pdf_path(self) -> str:
        """Where the image lies as PDF, if that is asked for."""
        return f"{self.path.removesuffix('.png')}.pdf"

    @property
    def film_path(self) -> str:
        """Where its film lies; empty where it has none."""
        return ""
