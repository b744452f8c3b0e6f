"""Measures what a reader sees of a report: the first screen, how many pages it prints on, whether a phone has to scroll sideways.

    python benchmarks/reports/page.py [figures/report.html] [--pages DIRECTORY]

Opens the page in a headless chromium (Debian: `chromium`; Python: `playwright`), and ends with an error where a bar is
missed. `--pages` keeps `page.pdf` and `screen.png`, to be looked at.
"""

from __future__ import annotations

import argparse
import re
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ViewportSize

SCREEN: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 844}
MOST_PAGES, LONGEST_HEAD_PX = 8, 800
LINES = "all => all.map(one => Math.round(one.getBoundingClientRect().height / parseFloat(getComputedStyle(one).lineHeight)))"
DRAWN = "() => new Promise(done => { const look = () => document.querySelector('.hero .main-svg') ? done() : setTimeout(look, 50); look(); })"


def measured(browser: Browser, page_path: Path, out: Path) -> dict[str, float]:
    """Return the measures of a page, by name; leaves its first screen and its print in `out`."""
    page = browser.new_page(viewport=SCREEN)
    page.goto(page_path.resolve().as_uri())
    page.evaluate(DRAWN)
    box = page.locator(".hero .plot").bounding_box()
    lines = page.eval_on_selector_all(".headlines li", LINES)
    page.screenshot(path=out / "screen.png")
    printed = page.pdf(path=out / "page.pdf", prefer_css_page_size=True)
    phone = browser.new_page(viewport=PHONE)
    phone.goto(page_path.resolve().as_uri())
    phone.evaluate(DRAWN)
    return {
        "first figure ends at, px": box["y"] + box["height"] if box else LONGEST_HEAD_PX + 1,
        "findings at the head": len(lines),
        "lines of the longest finding": max(lines, default=0),
        "printed pages": len(re.findall(rb"/Type\s*/Page\b", printed)),
        "width on a phone, px": phone.evaluate("document.documentElement.scrollWidth"),
    }


def main() -> None:
    """Measure, print, and compare with the bars."""
    parser = argparse.ArgumentParser(description="Measure the first screen and the print of a report's page.")
    parser.add_argument("page", nargs="?", type=Path, default=Path("figures/report.html"))
    parser.add_argument("--pages", type=Path, default=None)
    asked = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with tempfile.TemporaryDirectory() as directory, sync_playwright() as playwright:
        out = asked.pages or Path(directory)
        out.mkdir(parents=True, exist_ok=True)
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        found = measured(browser, asked.page, out)
        browser.close()
    bars = {
        "first figure ends at, px": LONGEST_HEAD_PX,
        "lines of the longest finding": 1,
        "printed pages": MOST_PAGES,
        "width on a phone, px": PHONE["width"],
    }
    for name, value in found.items():
        print(f"{name:<32}{value:>6.0f}{f'   at most {bars[name]}' if name in bars else ''}")
    if missed := [name for name, most in bars.items() if found[name] > most]:
        raise SystemExit(f"missed: {', '.join(missed)}")


if __name__ == "__main__":
    main()
