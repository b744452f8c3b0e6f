"""Takes the pictures of the quick start and the tutorial: follows both, and opens what they made in a browser.

    python benchmarks/documents/pictures.py       # with a chromium, and `pip install '.[test]'`
    python benchmarks/documents/pictures.py --study figures       # that of the video study alone, from the report of `make run`

The commands are those of the pages, run one after another; the report's head and MLflow's UI are shown as they come out.
"""

from __future__ import annotations

import argparse
import io
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "benchmarks")]

from documents import sessions  # noqa: E402 - found by the line above

OUT = ROOT / "docs" / "pictures"
WIDTH, HEIGHT = 1280, 800
COLOURS = 128
PORT = "5731"
IN_THE_WAY = ("Close", "Hide banner")
"""Buttons of MLflow's UI: of its assistant, and of its remark about the view."""


def main() -> int:
    """Follow the pages, and take the pictures; or that of a report that there is."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--study",
        type=Path,
        metavar="FOLDER",
        help="take the picture of this report of the study, and no other",
    )
    study = parser.parse_args().study
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=arguments)
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        if study is not None:
            show_report(page, study.resolve(), OUT / "report-study.png")
            browser.close()
            return 0
        for name in ("quick-start", "tutorial"):
            folder = Path(place) / name
            folder.mkdir()
            session = sessions.Session(
                folder, sessions.folder_environment(Path(sys.executable).parent, folder)
            )
            session.follow((ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8"))
            if session.differences:
                print("\n".join(session.differences))
                return 1
            show_report(page, folder / "figures", OUT / f"{name}-report.png")
        show_ui(page, session, OUT / "tutorial-ui.png")
        browser.close()
    return 0


def show_report(page: Any, folder: Path, out: Path) -> None:
    """The head of a report."""
    page.goto((folder / "report.html").as_uri())
    page.wait_for_timeout(1000)
    keep(page, out)


def show_ui(page: Any, session: sessions.Session, out: Path) -> None:
    """The table of the trials in MLflow's UI."""
    words = ["sweep", "ui", "experiments.yaml", "--port", PORT]
    server = subprocess.Popen(
        [shutil.which("sweep", path=session.environment["PATH"]) or "sweep", *words[1:]],
        cwd=session.folder,
        env=session.environment,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        told = (line.partition(": ") for line in server.stdout or ())
        page.goto(next(address.strip() for what, _, address in told if what == "trials"))
        page.get_by_text("degree9-lr0.3-seed4").first.wait_for(timeout=sessions.LIMIT_S * 1000)
        for name in IN_THE_WAY:
            if (button := page.get_by_role("button", name=name, exact=True)).count():
                button.first.click()
        page.set_viewport_size({"width": 1500, "height": HEIGHT})
        page.wait_for_timeout(2000)
        keep(page, out)
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(timeout=sessions.LIMIT_S)


def keep(page: Any, out: Path) -> None:
    """What the window shows, as a small file."""
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    picture.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(
        out, optimize=True
    )
    print(f"{out.relative_to(ROOT)}: {out.stat().st_size >> 10} KiB")


if __name__ == "__main__":
    sys.exit(main())
