"""`report.html` opened from disk in a real browser, headless, with the network watched."""

from __future__ import annotations

import csv
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from analysis.read.record import Record
from analysis.report.write import write_report
from analysis.results.expected import ExpectedSweep
from tests.analysis.recorded import (
    EXPERIMENT,
    FAILED,
    RUNNING,
    Recording,
    ratio_sweep,
    record,
    strategy_sweep,
    trial,
    with_code,
)

if TYPE_CHECKING:
    from playwright.sync_api import Page

ODD = {
    "None-tfr0.0": RUNNING,
    "None-tfr0.5": Recording(nan=(("train/loss", 3),)),
    "None-tfr1.0": with_code("bb22"),
}
HOSTILE = "</script><script>document.title='broken'</script>"
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
PATIENCE_MS = 120_000  # a crowded machine is slow, not wrong
FIRST_CHART = "[data-chart='diff_tfr/None_loss.png']"


@pytest.fixture(scope="module")
def page_path(empty_database, tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    shutil.copy(empty_database, folder / "mlflow.db")
    uri = f"sqlite:///{folder / 'mlflow.db'}"
    from mlflow.tracking import MlflowClient

    client = MlflowClient(uri)
    client.create_experiment(EXPERIMENT, artifact_location=str(folder / "artifacts"))
    odd = trial("odd", {"lr": HOSTILE}, kl_anneal_type="None")
    sweeps = [ratio_sweep(strategies=("None",)), strategy_sweep(), ExpectedSweep(HOSTILE, ("lr",), (odd,))]
    for sweep, recordings in zip(sweeps, (ODD, {"Cyclical": FAILED}, {}), strict=True):
        record(client, sweep, recordings)
    write_report(Record(uri, EXPERIMENT), sweeps, folder, spec_name="experiments.yaml", profile="quick")
    return folder / "report.html"


@dataclass
class Opened:
    """A page in the browser, what it complained of, and what it asked for."""

    page: Page
    complaints: list[str]
    requests: list[str]


def open_page(browser, path, **options):
    page = browser.new_page(**options)
    page.set_default_timeout(PATIENCE_MS)
    opened = Opened(page, [], [])
    page.on("console", lambda message: opened.complaints.append(message.text))
    page.on("pageerror", lambda error: opened.complaints.append(str(error)))
    page.on("request", lambda request: opened.requests.append(request.url))
    page.goto(path.as_uri())
    wait_until(page, "() => window.Plotly !== undefined")
    return opened


def wait_until(page, predicate, arg=None):
    """Wait for a JavaScript function to be true of `arg`.

    Playwright's `wait_for_function` evaluates its text anew at each look, which the page's content security policy
    forbids from the second look on; here it is evaluated once, and the page itself looks again at each frame.
    """
    page.evaluate(
        f"""arg => new Promise((done, fail) => {{
            const holds = {predicate};
            const look = () => holds(arg) ? done() : requestAnimationFrame(look);
            look();
            setTimeout(() => fail(new Error(holds.toString())), {PATIENCE_MS});
        }})""",
        arg,
    )


@pytest.fixture(scope="module")
def desk(browser, page_path):
    """The page on a desk's screen, opened once for the tests that only look, and the one that plays with a chart."""
    return open_page(browser, page_path, viewport={"width": 1280, "height": 800})


@pytest.fixture(autouse=True)
def watched(request, page_path):
    """Whatever a test did with the desk's page: nothing may be complained of, nothing asked of any network."""
    yield
    if "desk" in request.fixturenames:
        assert_quiet(request.getfixturevalue("desk"), page_path)


def assert_quiet(opened, path):
    assert opened.complaints == []
    assert set(opened.requests) == {path.as_uri()}


def drawn(page, chart=FIRST_CHART):
    page.locator(chart).scroll_into_view_if_needed()
    page.wait_for_selector(f"{chart} .scatterlayer path.js-line")
    return page.locator(chart)


def visible_names(page, chart=FIRST_CHART):
    return page.eval_on_selector(
        chart, "place => place.data.filter(t => t.visible !== 'legendonly' && t.showlegend).map(t => t.name)"
    )


def test_every_chart_and_every_image_is_drawn(desk):
    page = desk.page
    for place in page.locator("[data-chart]").all():
        place.scroll_into_view_if_needed()
        place.locator(".main-svg").first.wait_for()
    images = page.eval_on_selector_all(
        "figure img", "all => Promise.all(all.map(one => one.decode().then(() => one.naturalWidth)))"
    )
    assert len(images) == page.locator("[data-chart]").count() == 15
    assert min(images) > 100


def test_curves_are_drawn_hovered_toggled_and_zoomed(desk):
    page = desk.page
    chart = drawn(page)
    curves = chart.locator(".scatterlayer path.js-line")
    assert curves.count() == 3 * 3 + 1  # a line in each panel; one is in two parts, for its gap
    names = visible_names(page)
    assert names == ["TFR 1 [b]", "TFR 0.5 [a]", "TFR 0 (running, 5 epochs) [a]"]

    box = chart.locator(".nsewdrag").first.bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.12, box["y"] + box["height"] / 2)  # epoch 1: all have it
    hover = page.wait_for_selector(f"{FIRST_CHART} .hoverlayer .legend")
    assert all(name in hover.text_content() for name in names)

    chart.locator(".infolayer .legendtoggle").first.click()
    wait_until(
        page,
        "chart => document.querySelector(chart).data.filter(t => t.visible === 'legendonly').length > 0",
        arg=FIRST_CHART,
    )
    assert visible_names(page) == names[1:]
    assert curves.count() == 2 * 3 + 1  # it went in all three panels

    buttons = chart.locator(".modebar-btn").evaluate_all("all => all.map(one => one.dataset.title)")
    buttons[0] = buttons[0].replace("png", "PNG")  # plotly 6 spells it so
    assert buttons == ["Download plot as a PNG", "Zoom", "Pan", "Zoom in", "Zoom out", "Reset axes"]

    before = page.eval_on_selector(FIRST_CHART, "place => place.layout.xaxis.range")
    page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + box["height"] / 2, steps=5)
    page.mouse.up()
    wait_until(
        page,
        "([chart, low]) => document.querySelector(chart).layout.xaxis.range[0] > low + 1",
        arg=[FIRST_CHART, before[0]],
    )


def test_the_head_with_one_figure_is_seen_without_scrolling(desk):
    page = desk.page
    page.evaluate("scrollTo(0, 0)")
    box = page.locator("figure.hero .plot").bounding_box()
    assert box["height"] > 200
    assert box["y"] + box["height"] <= 800
    assert "end above copying the first frame" in page.locator(".headlines li").first.text_content()
    assert drawn(page, "figure.hero [data-chart]").bounding_box() == box  # the chart is where its image was


def test_tables_fit_a_screen_and_their_heads_break_between_words_alone(desk):
    wide = "all => all.map(one => one.scrollWidth - one.clientWidth)"
    assert set(desk.page.eval_on_selector_all("#results [data-table]", wide)) == {0}
    assert "kl_anneal_<wbr>type" in desk.page.locator("#settings thead").inner_html().replace(
        "kl_<wbr>", "kl_"
    )


def test_a_table_is_sorted_filtered_cut_to_columns_and_saved_by_keyboard(desk):
    page = desk.page
    tools = page.locator("#results .tools").first
    rows = page.locator("#results table").first.locator("tbody tr:visible")
    column = page.locator("#results table").first.locator("thead th", has_text="PSNR, last")

    def values():
        place = column.evaluate("head => head.cellIndex")
        found = rows.evaluate_all("(all, place) => all.map(row => row.cells[place].textContent)", place)
        return [float(value) for value in found if value != "\N{EN DASH}"]

    button = column.get_by_role("button")
    button.press("Enter")
    assert column.get_attribute("aria-sort") == "ascending"
    assert values() == sorted(values())
    button.press("Enter")
    assert values() == sorted(values(), reverse=True)

    tools.get_by_role("searchbox").fill("annealing Cyclical")
    assert rows.count() == 1
    assert tools.get_by_role("status").text_content() == "1 of 7 rows"
    tools.get_by_text("Columns").press("Enter")
    tools.get_by_label("MLflow run").press("Space")
    tools.get_by_text("Columns").press("Escape")
    with page.expect_download() as download:
        tools.get_by_role("button", name="Download CSV").press("Enter")
    head, row, *rest = list(csv.reader(Path(download.value.path()).read_text().splitlines()))
    assert (head[:2], rest) == (["sweep", "trial"], [])
    assert "MLflow run" not in head
    shown = dict(zip(head, row, strict=True))
    assert (shown["trial"], shown["outcome"]) == ("Cyclical", "failed")
    assert float(shown["PSNR, last (dB)"]) == pytest.approx(values()[0], abs=0.005)
    tools.get_by_role("searchbox").fill("")
    assert rows.count() == 7


def test_every_link_of_the_contents_leads_somewhere_and_no_anchor_is_there_twice(desk):
    page = desk.page
    targets = page.eval_on_selector_all("a[href^='#']", "all => all.map(one => one.hash.slice(1))")
    ids = page.eval_on_selector_all("[id]", "all => all.map(one => one.id)")
    assert len(targets) > 15
    assert set(targets) <= set(ids)
    assert len(set(ids)) == len(ids)


def test_it_prints_on_a_few_pages_with_images_for_charts(desk):
    printed = desk.page.pdf(prefer_css_page_size=True)
    assert 2 <= len(re.findall(rb"/Type\s*/Page\b", printed)) <= 8


def test_a_phone_shows_it_without_scrolling_sideways(browser, page_path):
    opened = open_page(browser, page_path, **PHONE)
    page = opened.page
    drawn(page)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    one, other = page.locator(".figures:not(.one)").first.locator("figure").all()[:2]
    assert one.bounding_box()["y"] + one.bounding_box()["height"] <= other.bounding_box()["y"]
    assert page.eval_on_selector(FIRST_CHART, "place => place.layout.dragmode") is False
    assert_quiet(opened, page_path)


def test_the_page_follows_the_readers_colours_also_when_they_change(browser, page_path):
    opened = open_page(browser, page_path, viewport={"width": 1280, "height": 1000}, color_scheme="dark")
    page = opened.page
    strategies = "[data-chart='diff_strategy/train_loss.png']"
    drawn(page, strategies)
    ink = "place => place.layout.font.color"
    black = "place => place.data.find(t => t.name.startsWith('no annealing')).line.color"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 23, 26)"
    assert page.eval_on_selector(strategies, black) == "#f2f2f2"
    dark = page.eval_on_selector(strategies, ink)
    page.emulate_media(color_scheme="light")
    wait_until(
        page,
        "([chart, ink]) => document.querySelector(chart).layout.font.color !== ink",
        arg=[strategies, dark],
    )
    assert page.eval_on_selector(strategies, black) == "#000000"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert_quiet(opened, page_path)


def test_words_from_outside_are_shown_and_never_run(desk):
    page = desk.page
    assert page.title() == EXPERIMENT
    assert page.locator(".sweep h2").last.text_content() == HOSTILE


def test_what_is_not_whole_stands_in_the_page(desk):
    page = desk.page
    text = page.locator("main").inner_text()
    assert "Cyclical: failed after 4 epochs: loss is NaN in epoch 4, batch 2" in text
    assert "Compare with care: these runs differ in code." in text
    assert "None-tfr0.5: train/loss is not a finite number at epoch 3, marked x" in text
    assert page.locator("p[role=status]").inner_text().startswith("In progress: None-tfr0.0 still running.")
    link = page.locator("#results td a").first.get_attribute("href")
    assert link.startswith("http://127.0.0.1:5000/#/experiments/1/runs/")


def run_links(page):
    return page.eval_on_selector_all("td a", "all => all.map(one => one.href)")


def test_links_to_runs_lead_to_the_port_that_the_reader_says_also_when_the_page_is_opened_again(
    browser, page_path
):
    opened = open_page(browser, page_path)
    page = opened.page
    asked = page.get_by_text("Links to runs open while").get_by_role("spinbutton")
    made = run_links(page)
    assert asked.input_value() == "5000"
    assert made
    asked.fill("6017")
    told = [link.replace("//127.0.0.1:5000/", "//127.0.0.1:6017/") for link in made]
    assert run_links(page) == told != made
    asked.fill("70000")  # there is no such port
    assert run_links(page) == told
    page.goto(page_path.as_uri())
    assert asked.input_value() == "6017"
    assert run_links(page) == told
    assert_quiet(opened, page_path)


def test_the_page_names_no_other_place(page_path):
    text = Path(page_path).read_text()
    assert "Content-Security-Policy\" content=\"default-src 'none'" in text
    assert str(page_path.parent) not in text
