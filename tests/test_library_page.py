"""The page's library in a real browser: bringing in, the queue, the table, versions, removal."""

# ruff: noqa: F811 - a fixture that is imported looks like a variable

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from conftest import HARBOUR, LIGHTHOUSE, TIDES, write
from playwright.sync_api import Browser, Page, expect
from serving import ATTACKS, HOSTILE, opened, serving
from test_page import Visit, browser  # noqa: F401 - the fixture
from test_queue import LONG, Gate

from answer.assistant import Assistant
from answer.settings import Settings
from index.catalog import Catalog
from index.vectors import VectorStore
from ingest.add import Adding

pytestmark = pytest.mark.browser

QUESTION = "When was the harbour at Kallo deepened?"
EVIL = "<img src=https://evil.example/f.png onerror=window.attacked=20> ${1} {{x}}.md"


@dataclass
class Shelf:
    """A server with a library, and its address."""

    url: str
    corpus: Path
    assistant: Assistant


@contextmanager
def shelf(folder: Path, articles: dict[str, str], *, takes: bool = True) -> Iterator[Shelf]:
    corpus = folder / "corpus"
    corpus.mkdir(exist_ok=True)
    for path, text in articles.items():
        write(corpus, path, text)
    assistant = opened(corpus, folder / "index")
    adding = (lambda: Adding(corpus)) if takes else None
    with serving(assistant, adding=adding) as url:
        yield Shelf(url, corpus, assistant)
    assistant.close()


@pytest.fixture
def coast(tmp_path: Path) -> Iterator[Shelf]:
    """A library of three articles, one of them hostile."""
    articles = {"2021/harbour.md": HARBOUR, "lighthouse.md": LIGHTHOUSE, "hostile.md": HOSTILE}
    with shelf(tmp_path, articles) as found:
        yield found


@pytest.fixture(scope="module")
def sixty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    """A library of sixty articles of two publishers."""
    articles = {
        f"{number:02}.md": f"---\ntitle: Log {number:02}\npublisher: {'Coast Gazette' if number % 3 else 'Island Review'}\n"
        f"published: 2020-01-{number % 28 + 1:02}\nlanguage: en\n---\nOn day {number} the sea was calm.\n"
        for number in range(60)
    }
    with shelf(tmp_path_factory.mktemp("sixty"), articles) as found:
        yield found


@contextmanager
def library(
    browser: Browser, at: Shelf, *, refused: bool = False, **looks: object
) -> Iterator[Visit]:
    """The page with its library open; what goes wrong on it fails the test.

    Where the server has `refused` something, the browser says so on its console.
    """
    visit = Visit(browser, at.url, **{"viewport": {"width": 1280, "height": 800}} | looks)
    visit.page.get_by_role("link", name="Library").click()
    expect(visit.page.locator("#library .total")).not_to_be_empty()
    yield visit
    visit.page.wait_for_timeout(100)
    if refused:
        visit.wrong = [one for one in visit.wrong if "400 (Bad Request)" not in one]
    visit.close()


def choose(page: Page, name: str, text: str | bytes) -> None:
    data = text if isinstance(text, bytes) else text.encode("utf-8")
    page.locator("#library input[type=file]").set_input_files(
        {"name": name, "mimeType": "application/octet-stream", "buffer": data}
    )


def titles(page: Page) -> list[str]:
    return page.locator("#library tbody a.open").all_inner_texts()


def item(page: Page, name: str) -> object:
    return page.locator("#library .queue li").filter(has_text=name).first


def test_the_library_is_a_view_beside_the_evidence_with_an_address_of_its_own(
    browser: Browser, coast: Shelf
) -> None:
    with library(browser, coast) as visit:
        page = visit.page
        expect(page.locator("#chat-pane")).to_be_hidden()
        expect(page.locator("#evidence-pane")).to_be_visible()
        assert page.url.endswith("#library")
        page.reload()
        expect(page.locator("#library tbody tr")).to_have_count(3)
        expect(page.get_by_role("link", name="Library")).to_have_attribute("aria-current", "page")
        page.get_by_role("link", name="Ask").click()
        expect(page.locator("#library-pane")).to_be_hidden()
        expect(page.locator("#question textarea")).to_be_visible()


def test_a_file_is_brought_in_and_can_be_asked_about_at_once(
    browser: Browser, coast: Shelf
) -> None:
    with library(browser, coast) as visit:
        page = visit.page
        choose(page, "tides.txt", TIDES)
        expect(item(page, "tides.txt")).to_contain_text("Done")
        expect(page.locator("#library .total")).to_have_text("4 articles")
        expect(page.locator(".masthead")).to_contain_text("4 articles")
        assert "Tides" in titles(page)
        item(page, "tides.txt").get_by_role("link", name="Tides").click()
        expect(page.locator("#evidence h2")).to_have_text("Tides")
        expect(page.locator("#evidence mark")).to_have_count(0)
        page.get_by_role("link", name="Ask").click()
        visit.ask("What pulls the sea?")
        expect(page.locator(".claim").first).to_contain_text("moon pulls the sea")
        page.get_by_role("link", name="Library").click()
        page.get_by_role("button", name="Hide what has ended").click()
        expect(page.locator("#library .queue")).to_be_hidden()


def test_files_are_dropped_onto_the_page(browser: Browser, coast: Shelf) -> None:
    with library(browser, coast) as visit:
        page = visit.page
        transfer = page.evaluate_handle(
            "text => { const held = new DataTransfer();"
            " held.items.add(new File([text], 'tides.txt')); return held; }",
            TIDES,
        )
        page.dispatch_event("#library .drop", "dragover", {"dataTransfer": transfer})
        expect(page.locator("#library .drop")).to_have_class(re.compile("over"))
        page.dispatch_event("#library .drop", "drop", {"dataTransfer": transfer})
        expect(item(page, "tides.txt")).to_contain_text("Done")
        expect(page.locator("#library .drop")).not_to_have_class(re.compile("over"))


def test_what_cannot_be_brought_in_says_why_beside_it(browser: Browser, coast: Shelf) -> None:
    with library(browser, coast) as visit:
        page = visit.page
        choose(page, "photo.pdf", b"\x89PNG\r\n\x1a\n")
        expect(item(page, "photo.pdf")).to_contain_text("Failed")
        expect(item(page, "photo.pdf").locator(".reason")).to_have_text(
            "It is a picture, not an article."
        )
        choose(page, "harbour.md", HARBOUR)
        expect(item(page, "harbour.md")).to_contain_text("Already here")
        expect(page.locator("#library .told")).to_contain_text("harbour.md: Already here")


def test_what_is_no_address_is_refused_beside_the_field(browser: Browser, coast: Shelf) -> None:
    with library(browser, coast, refused=True) as visit:
        page = visit.page
        page.get_by_label("Address of a page or a feed").fill("javascript:window.attacked=1")
        page.keyboard.press("Enter")
        expect(page.locator("#library .refusal")).to_contain_text("not an address of a page")
        assert page.evaluate("window.attacked") is None


def test_progress_is_shown_as_it_goes_and_an_item_can_be_cancelled(
    browser: Browser, tmp_path: Path
) -> None:
    corpus, embedder = tmp_path / "corpus", Gate()
    write(corpus, "harbour.md", HARBOUR)
    settings = Settings(corpus=corpus, index=tmp_path / "index", embedder="hashed")
    catalog = Catalog(settings.index)
    vectors = VectorStore(settings.index, embedder.name, embedder.dimension)
    assistant = Assistant(settings, catalog, vectors, embedder)
    assistant.ingest()
    embedder.held = True
    with (
        serving(assistant, adding=lambda: Adding(corpus)) as url,
        library(browser, Shelf(url, corpus, assistant)) as visit,
    ):
        page = visit.page
        choose(page, "log.md", LONG)
        choose(page, "tides.txt", TIDES)
        log = item(page, "log.md")
        expect(log).to_contain_text(re.compile(r"0 of \d+ passages embedded"))
        expect(item(page, "tides.txt")).to_contain_text("Waiting")
        embedder.batches.release(1)
        expect(log).to_contain_text(re.compile(r"128 of \d+ passages embedded"))
        expect(log.get_by_role("progressbar")).to_have_js_property("value", 128)
        log.get_by_role("button", name="Cancel log.md").focus()
        page.keyboard.press("Enter")
        expect(log).to_contain_text("Cancelling…")
        embedder.held = False
        embedder.batches.release(100)
        expect(log).to_contain_text("Nothing of it stays.")
        expect(item(page, "tides.txt")).to_contain_text("Done")
        expect(page.locator("#library .total")).to_have_text("2 articles")
        assert sorted(titles(page)) == ["The harbour at Kallo", "Tides"]
    assistant.close()


def test_nothing_in_a_hostile_article_or_name_acts_in_the_library(
    browser: Browser, coast: Shelf
) -> None:
    with library(browser, coast) as visit:
        page = visit.page
        choose(page, EVIL, HOSTILE.replace("saboteur", "saboteur of 1983"))
        expect(item(page, "onerror=window.attacked=20")).to_contain_text("Done")
        choose(page, EVIL.replace(".md", ".pdf"), b"\x89PNG\r\n\x1a\n")
        expect(item(page, "x}}.pdf").locator(".reason")).to_contain_text("a picture")
        hostile = page.locator("#library tbody tr").filter(has_text="window.attacked=6").first
        expect(hostile).to_contain_text("<script>window.attacked=8</script>")
        expect(hostile).to_contain_text("<b>{{value}}</b>")
        expect(page.locator("select[name=publisher]")).to_contain_text("<b>{{value}}</b> (2)")
        hostile.get_by_role("button", name="History").click()
        expect(page.locator("#library dialog h2")).to_contain_text("${window.attacked=7}")
        expect(page.locator("#library dialog .label")).to_have_text("Nearly the same articles")
        page.keyboard.press("Escape")
        hostile.get_by_role("button", name="Remove").click()
        expect(page.locator("#library dialog .body")).to_contain_text("taken away")
        page.keyboard.press("Escape")
        hostile.get_by_role("link").first.click()
        expect(page.locator("#evidence .text")).to_contain_text(ATTACKS[0])
        assert page.locator("#library :is(img, script, style, b:not(.drop b))").count() == 0
        assert page.locator("#evidence :is(img, script, style, b)").count() == 0
        links = page.locator("#library a, #evidence a").evaluate_all(
            "all => all.map(one => one.getAttribute('href'))"
        )
        assert all(
            re.fullmatch(r"#article-[0-9a-f]{64}|/answers/[0-9a-f]{64}", one) for one in links
        )
        assert page.evaluate("window.attacked") is None


def test_the_table_is_searched_narrowed_and_sorted(browser: Browser, sixty: Shelf) -> None:
    with library(browser, sixty, refused=True) as visit:
        page = visit.page
        expect(page.locator("#library .total")).to_have_text("60 articles")
        page.get_by_label("Search the library").fill("log 17")
        expect(page.locator("#library .total")).to_have_text("1 article found")
        assert titles(page) == ["Log 17"]
        page.get_by_label("Search the library").fill("")
        expect(page.locator("#library .total")).to_have_text("60 articles")
        page.locator("select[name=publisher]").select_option("Island Review")
        expect(page.locator("#library .total")).to_have_text("20 articles found")
        page.get_by_label("Published until").fill("2020-01-01")
        expect(page.locator("#library .total")).to_have_text("1 article found")
        page.get_by_label("Published until").fill("soon")
        expect(page.locator("#library .total")).to_contain_text("“soon” is not a date")
        page.get_by_label("Published until").fill("")
        title = page.get_by_role("button", name="Title")
        title.focus()
        page.keyboard.press("Enter")
        expect(page.locator("th[aria-sort=ascending]")).to_have_text("Title")
        expect(page.locator("#library tbody a.open").first).to_have_text("Log 00")
        page.keyboard.press("Enter")
        expect(page.locator("th[aria-sort=descending]")).to_have_text("Title")
        expect(page.locator("#library tbody a.open").first).to_have_text("Log 57")


def test_a_large_library_is_read_page_by_page(browser: Browser, sixty: Shelf) -> None:
    with library(browser, sixty) as visit:
        page = visit.page
        page.get_by_role("button", name="Title").click()
        expect(page.locator("#library .pages span")).to_have_text("1–50 of 60")
        expect(page.get_by_role("button", name="Previous")).to_be_disabled()
        page.get_by_role("button", name="Next").click()
        expect(page.locator("#library .pages span")).to_have_text("51–60 of 60")
        assert titles(page) == [f"Log {number}" for number in range(50, 60)]
        expect(page.get_by_role("button", name="Next →")).to_be_disabled()


def test_an_article_is_opened_from_the_table_by_keyboard(browser: Browser, coast: Shelf) -> None:
    with library(browser, coast) as visit:
        page = visit.page
        page.get_by_role("link", name="A lighthouse without a keeper").focus()
        page.keyboard.press("Enter")
        expect(page.locator("#evidence h2")).to_have_text("A lighthouse without a keeper")
        expect(page.get_by_role("link", name="A lighthouse without a keeper")).to_have_attribute(
            "aria-current", "true"
        )
        assert "#article-" in page.url
        expect(page.locator("#evidence .colophon")).to_contain_text("lighthouse.md, sha256")


def test_a_changed_article_shows_its_versions_and_what_changed(
    browser: Browser, coast: Shelf
) -> None:
    write(coast.corpus, "2021/harbour.md", HARBOUR.replace("1974", "1975").replace("Two", "Three"))
    coast.assistant.ingest()
    with library(browser, coast) as visit:
        page = visit.page
        page.get_by_role("button", name="History: The harbour at Kallo").click()
        dialog = page.locator("#library dialog")
        expect(dialog.locator(".versions li")).to_have_count(2)
        expect(dialog.locator(".diff .removed").first).to_contain_text("deepened in 1974")
        expect(dialog.locator(".diff .added").first).to_contain_text("deepened in 1975")
        expect(dialog.locator(".diff ins").first).to_have_text("1975.")
        dialog.locator(".versions a").nth(1).click()
        expect(dialog).to_be_hidden()
        expect(page.locator("#evidence .superseded")).to_contain_text("no longer this version")
        expect(page.locator("#evidence .text")).to_contain_text("deepened in 1974")


def test_an_article_is_removed_after_it_was_said_what_goes_and_what_cites_it(
    browser: Browser, coast: Shelf
) -> None:
    coast.assistant.ask(QUESTION)
    with library(browser, coast) as visit:
        page, dialog = visit.page, visit.page.locator("#library dialog")
        page.get_by_role("button", name="Remove: The harbour at Kallo").click()
        expect(dialog).to_contain_text("2021/harbour.md and 2 passages will be taken away.")
        expect(dialog.get_by_role("link", name=QUESTION)).to_have_attribute(
            "href", re.compile("^/answers/[0-9a-f]{64}$")
        )
        page.keyboard.press("Escape")
        expect(dialog).to_be_hidden()
        assert (coast.corpus / "2021/harbour.md").is_file()
        page.get_by_role("button", name="Remove: The harbour at Kallo").click()
        dialog.get_by_role("button", name="Remove it").click()
        expect(dialog).to_contain_text("were taken away")
        expect(page.locator("#library .total")).to_have_text("2 articles")
        expect(page.locator(".masthead")).to_contain_text("2 articles")
        assert not (coast.corpus / "2021/harbour.md").exists()
        dialog.get_by_role("button", name="Close").click()
        assert "The harbour at Kallo" not in titles(page)


def test_a_phone_in_the_dark_shows_the_library_without_sideways_scrolling(
    browser: Browser, coast: Shelf
) -> None:
    looks = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "color_scheme": "dark"}
    with library(browser, coast, **looks) as visit:
        page = visit.page
        choose(page, "a-very-long-name-without-any-space-" * 5 + ".pdf", b"\x89PNG\r\n\x1a\n")
        expect(item(page, "a-very-long-name")).to_contain_text("Failed")
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        dark = "getComputedStyle(document.querySelector('#library .drop')).backgroundColor"
        assert int(re.findall(r"\d+", page.evaluate(dark))[0]) < 128
        page.get_by_role("link", name="A lighthouse without a keeper").tap()
        expect(page.locator("#evidence h2")).to_be_in_viewport()
        page.get_by_role("button", name="Back to the library").tap()
        expect(page.get_by_role("link", name="A lighthouse without a keeper")).to_be_in_viewport()
        page.get_by_role("button", name="History: A lighthouse").tap()
        expect(page.locator("#library dialog")).to_contain_text("There is only this version.")
        assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_a_server_that_takes_no_sources_shows_the_table_only(
    browser: Browser, tmp_path: Path
) -> None:
    with (
        shelf(tmp_path, {"harbour.md": HARBOUR}, takes=False) as at,
        library(browser, at) as visit,
    ):
        expect(visit.page.locator("#library .bring")).to_be_hidden()
        expect(visit.page.get_by_role("button", name="History: The harbour")).to_be_visible()
        expect(visit.page.get_by_role("button", name=re.compile("^Remove"))).to_have_count(0)


def test_an_empty_library_says_so_and_fills(browser: Browser, tmp_path: Path) -> None:
    with shelf(tmp_path, {}) as at, library(browser, at) as visit:
        expect(visit.page.locator("#library .total")).to_have_text("There are no articles yet.")
        expect(visit.page.locator("#library table")).to_be_hidden()
        choose(visit.page, "tides.txt", TIDES)
        expect(visit.page.locator("#library tbody tr")).to_have_count(1)
        expect(visit.page.locator(".masthead")).to_contain_text("1 article")
