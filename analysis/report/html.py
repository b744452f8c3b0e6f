"""Renders the document as `report.html`: one page that needs no network, with images, curves and plotly.js inside."""

from __future__ import annotations

import base64
import functools
import gzip
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.figures.charts import chart_of
from analysis.figures.palette import ON_DARK
from analysis.report.alt_text import alt_text
from analysis.report.anchors import Anchors
from analysis.report.markdown import PICTURES
from analysis.visible import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis.figures.files.images import DrawnFigure
    from analysis.results.document import Document

_PAGE = Path(__file__).parent / "page"
HEIGHT_PX = 400
"""Of a chart that says nothing of its height."""


def html_text(document: Document, drawn: Sequence[DrawnFigure]) -> str:
    """Return the whole page; the same document and figures give the same text."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_PAGE),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["code"] = _code
    environment.filters["soft"] = _soft
    charts = {one.figure.path: found for one in drawn if (found := chart_of(one.figure))}
    return environment.get_template("report.html.j2").render(
        document=document,
        anchors=Anchors.of(document),
        images={one.figure.path: _letters(one.svg) for one in drawn},
        alt_texts={one.figure.path: alt_text(one.figure) for one in drawn},
        charts=charts,
        on_dark=dict(ON_DARK),
        pictures_title=PICTURES,
        pngs={
            one.path: _letters(one.png)
            for section in document.sections
            if section.pictures
            for one in section.pictures.shown
        },
        films={one.figure.path: _letters(one.film) for one in drawn if one.film},
        cells={
            path for path, one in charts.items() if any(each["type"] == "heatmap" for each in one["data"])
        },
        heights={path: one["layout"].get("height", HEIGHT_PX) for path, one in charts.items()},
        css=_part("report.css"),
        scripts=[_part(path.name) for path in sorted(_PAGE.glob("*.js"))],
        plotly=_plotly(),
    )


def _shown(value: Any) -> Any:
    """What stands in the page for a value: the text of users without what acts on the page; our own markup as it is."""
    return visible(value) if isinstance(value, str) and not hasattr(value, "__html__") else value


def _letters(content: bytes) -> str:
    return base64.b64encode(content).decode()  # + and / and = need no escaping


def _part(name: str) -> str:
    from markupsafe import Markup

    return Markup((_PAGE / name).read_text(encoding="utf-8"))  # noqa: S704 - our own files


@functools.cache
def _plotly() -> str:
    """plotly.js, packed to two fifths of its 4.8 MB; browsers have unpacked gzip since 2023.

    Packing takes a quarter of a second, which `sweep report --watch` would spend on each drawing.
    """
    from plotly.offline import get_plotlyjs

    return _letters(gzip.compress(get_plotlyjs().encode(), compresslevel=9, mtime=0))


def _code(text: str) -> str:
    """Set what stands between backticks as code; everything else is escaped."""
    from markupsafe import Markup, escape

    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(visible(text)))))  # noqa: S704 - escaped first


def _soft(text: str) -> str:
    """Escape a name, and let it break behind what joins its words."""
    from markupsafe import Markup, escape

    return Markup(re.sub(r"([_./])(?=\w)", r"\1<wbr>", str(escape(visible(text)))))  # noqa: S704 - escaped first
