"""Pages that follow: as texts, and opened from disk in a real browser while they are written anew."""

from pathlib import Path

import pytest

from analysis.report import following

PLACE = (Path(following.__file__).parent / "page" / "place.js").read_text()
POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
PATIENCE_MS = 120_000


def page(words, more=""):
    """A page with what a report has: sections, something to open, a table to filter and to sort."""
    return f"""<!doctype html><html><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{POLICY}"></head><body>
<h1>report</h1>{more}<h2>one</h2><p style="height:900px">{words}</p>
<h2>two</h2><details><summary>numbers</summary><p id="inside">open</p></details>
<details open><summary>shown</summary></details>
<label>Filter <input type="search"></label><p id="filtered"></p>
<table><tr><th><button>PSNR</button></th></tr></table><p style="height:2000px"></p>
<script>
document.querySelector("input").addEventListener("input", (event) => (filtered.textContent = event.target.value));
document.querySelector("button").addEventListener("click", () => {{
  const head = document.querySelector("th");
  head.ariaSort = head.ariaSort === "ascending" ? "descending" : "ascending";
}});
</script><script>{PLACE}</script></body></html>"""


def write(folder, text, *, follows=True):
    (folder / following.PAGE).write_text(following.followed(text) if follows else text)
    if follows:
        (folder / following.SIGNAL).write_text(following.signal(text))
    else:
        (folder / following.SIGNAL).unlink()


def test_a_page_that_follows_becomes_what_it_was():
    plain = page("anything")
    assert following.unfollowed(following.followed(plain)) == plain
    assert following.version(plain) in following.followed(plain)
    assert following.version(plain) in following.signal(plain)
    assert following.version(plain) != following.version(page("other"))
    with pytest.raises(ValueError, match="no page of a report"):
        following.followed("<p>text</p>")


def test_a_page_that_nobody_writes_any_more_is_left_plain_and_without_its_signal(tmp_path):
    following.leave(tmp_path)  # nothing was written
    write(tmp_path, page("last"))
    following.leave(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [following.PAGE]
    assert (tmp_path / following.PAGE).read_text() == page("last")


def test_an_open_page_follows_to_the_last_one_and_keeps_its_place_and_what_is_open(browser, tmp_path):
    write(tmp_path, page("first"))
    opened = browser.new_page(viewport={"width": 800, "height": 600})
    opened.set_default_timeout(PATIENCE_MS)
    opened.goto((tmp_path / following.PAGE).as_uri())
    opened.get_by_text("numbers").click()
    opened.get_by_text("shown").click()
    opened.get_by_label("Filter").fill("Cyclical")
    opened.get_by_role("button", name="PSNR").dblclick()
    opened.evaluate("document.querySelectorAll('h2')[1].scrollIntoView()")
    opened.get_by_text("live, drawn at").wait_for()

    write(tmp_path, page("second", more="<p style='height:300px'>a finding</p>"))
    opened.get_by_text("a finding").wait_for(state="attached")
    opened.locator("#inside").wait_for()
    assert opened.evaluate("[...document.querySelectorAll('details')].map((one) => one.open)") == [
        True,
        False,
    ]
    assert opened.locator("#filtered").inner_text() == "Cyclical"
    assert opened.locator("th").get_attribute("aria-sort") == "descending"
    assert abs(opened.evaluate("document.querySelectorAll('h2')[1].getBoundingClientRect().top")) < 2

    write(tmp_path, page("third and last"), follows=False)
    opened.get_by_text("third and last").wait_for(state="attached")
    opened.locator("#inside").wait_for()
    assert abs(opened.evaluate("document.querySelectorAll('h2')[1].getBoundingClientRect().top")) < 2
    assert opened.get_by_text("live, drawn at").count() == 0
    opened.close()


def test_a_copy_without_its_signal_is_loaded_once_more_and_then_stays(browser, tmp_path):
    (tmp_path / following.PAGE).write_text(following.followed(page("a copy")))
    opened = browser.new_page()
    opened.set_default_timeout(PATIENCE_MS)
    loads = []
    opened.on("load", lambda: loads.append(1))
    opened.goto((tmp_path / following.PAGE).as_uri())
    opened.get_by_text("live, drawn at").wait_for(state="detached")
    opened.get_by_text("a copy").wait_for()
    assert opened.evaluate("history.state") is None
    assert len(loads) == 2
    opened.close()
