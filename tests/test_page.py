"""The page in a real browser. A console error, or a request to anywhere else, fails every test."""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import HARBOUR, LIGHTHOUSE, write
from playwright.sync_api import Browser, Page, expect, sync_playwright
from serving import ATTACKS, HOSTILE, opened, serving

from answer.assistant import Assistant
from answer.settings import Settings
from index.catalog import Catalog
from index.embed import HashedEmbedder
from index.vectors import VectorStore

pytestmark = pytest.mark.browser

QUESTION = "When was the harbour at Kallo deepened?"
SAMPLE = Path(__file__).parents[1] / "corpus"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync"
).split()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None and os.environ.get("CI"):
        pytest.fail("Chromium has to be there in CI; `make test` installs it")
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed here (apt install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def coast(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server with two articles of a coast and a hostile one."""
    folder = tmp_path_factory.mktemp("page")
    write(folder / "corpus", "harbour.md", HARBOUR)
    write(folder / "corpus", "lighthouse.md", LIGHTHOUSE)
    write(folder / "corpus", "hostile.md", HOSTILE)
    assistant = opened(folder / "corpus", folder / "index")
    with serving(assistant) as url:
        yield url
    assistant.close()


class Visit:
    """A page that was opened, and what went wrong on it."""

    def __init__(self, browser: Browser, address: str, **looks: object) -> None:
        self.address = address
        self.wrong: list[str] = []
        self.context = browser.new_context(**looks)  # type: ignore[arg-type]
        self.context.set_default_timeout(20_000)
        self.page = self.context.new_page()
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.wrong.append(f"error: {error}"))
        self.page.on("dialog", lambda dialog: self.wrong.append(f"dialog: {dialog.message}"))
        self.page.on("request", self._asked)
        self.page.goto(address)
        self.page.wait_for_selector("#question textarea")

    def _heard(self, message: object) -> None:
        if message.type in ("error", "warning"):  # type: ignore[attr-defined]
            self.wrong.append(f"console: {message.text}")  # type: ignore[attr-defined]

    def _asked(self, request: object) -> None:
        url = str(request.url)  # type: ignore[attr-defined]
        if not url.startswith((self.address.split("#")[0], "data:", "blob:")):
            self.wrong.append(f"request: {url}")

    def ask(self, question: str) -> None:
        self.page.fill("#question textarea", question)
        self.page.keyboard.press("Enter")

    def close(self) -> None:
        self.page.wait_for_timeout(100)
        self.context.close()
        assert self.wrong == []


@pytest.fixture
def visit(browser: Browser, coast: str) -> Iterator[Visit]:
    """The page on the coast's articles, 1280 pixels wide."""
    visit = Visit(browser, coast, viewport={"width": 1280, "height": 800})
    yield visit
    visit.close()


@pytest.fixture
def page(visit: Visit) -> Page:
    return visit.page


def marked(page: Page) -> str:
    return " ".join(page.locator("#evidence mark.cited").all_inner_texts())


def test_the_head_says_what_the_corpus_holds(page: Page) -> None:
    expect(page.locator(".masthead")).to_contain_text("3 articles · July 2014 to 30 November 2021")
    expect(page).to_have_title("Pincite")


def test_a_question_is_answered_in_quotations_and_the_first_opens_by_itself(
    visit: Visit, page: Page
) -> None:
    visit.ask(QUESTION)
    expect(page.locator(".claim").first).to_contain_text("deepened in 1974")
    expect(page.locator(".reply .source").first).to_contain_text("The harbour at Kallo")
    expect(page.locator("#evidence h2")).to_have_text("The harbour at Kallo")
    expect(page.locator("#evidence mark.cited")).to_be_in_viewport()
    assert marked(page) == page.locator(".claim").first.inner_text().removesuffix("1").strip()
    expect(page.locator("a.cite").first).to_have_attribute("aria-current", "true")
    expect(page.locator("#evidence .byline a")).to_have_attribute(
        "href", "https://example.org/harbour"
    )


def test_a_citation_opens_its_passage_by_mouse_and_by_keyboard(visit: Visit, page: Page) -> None:
    visit.ask("Which harbour was deepened, and who holds the key of the lighthouse?")
    chips = page.locator("a.cite")
    expect(page.locator(".tools")).to_be_visible()
    assert chips.count() >= 2
    chips.nth(1).click()
    expect(chips.nth(1)).to_have_attribute("aria-current", "true")
    second = marked(page)
    assert second in page.locator(".claim").nth(1).inner_text()
    chips.nth(0).focus()
    page.keyboard.press("Enter")
    expect(chips.nth(0)).to_have_attribute("aria-current", "true")
    expect(page.locator("#evidence mark.cited").first).to_be_in_viewport()
    assert marked(page) != second
    assert page.url.endswith(str(chips.nth(0).get_attribute("href")))


def test_a_citation_says_its_source_on_hover_and_to_a_screen_reader(
    visit: Visit, page: Page
) -> None:
    visit.ask(QUESTION)
    expect(page.locator("a.cite").first).to_have_attribute(
        "aria-label", re.compile("^Source 1: The harbour at Kallo · Coast Gazette · 30 November")
    )
    assert page.locator("#chat [data-testid][aria-label]").count() == 0


def test_a_link_to_a_passage_opens_it(browser: Browser, visit: Visit, page: Page) -> None:
    visit.ask(QUESTION)
    place = page.locator("a.cite").first.get_attribute("href")
    other = Visit(browser, visit.address + "/" + str(place))
    expect(other.page.locator("#evidence h2")).to_have_text("The harbour at Kallo")
    expect(other.page.locator("#evidence mark.cited")).to_contain_text("1974")
    other.close()


def test_a_question_that_the_corpus_cannot_answer_shows_the_nearest_passages(
    visit: Visit, page: Page
) -> None:
    visit.ask("Who won the football cup of Peru?")
    expect(page.locator(".unanswered .message")).to_contain_text("3 articles")
    expect(page.locator(".unanswered .label")).to_contain_text("do not answer")
    page.locator(".near a.open").first.click()
    expect(page.locator("#evidence mark.cited").first).to_be_visible()


def test_a_suggested_question_is_asked_with_one_click(browser: Browser, tmp_path: Path) -> None:
    write(tmp_path / "corpus", "a.md", "# Mills\n\n## Who built the mill?\n\nAda built the mill.\n")
    assistant = opened(tmp_path / "corpus", tmp_path / "index")
    with serving(assistant) as url:
        visit = Visit(browser, url)
        visit.page.get_by_role("button", name="Who built the mill?").click()
        expect(visit.page.locator(".claim").first).to_contain_text("Ada built the mill.")
        expect(visit.page.locator("#suggestions")).to_be_hidden()
        visit.close()
    assistant.close()


def test_nothing_in_a_hostile_article_acts(visit: Visit, page: Page) -> None:
    visit.ask("What did the saboteur write on the wall of the mill?")
    expect(page.locator(".tools")).to_be_visible()
    visit.ask("<img src=https://evil.example/q.png onerror=window.attacked=11> ${1} saboteur mill?")
    expect(page.locator(".tools")).to_have_count(2)
    evidence = page.locator("#evidence").inner_text()
    assert all(attack in evidence for attack in ATTACKS)
    assert "${window.attacked=7}" in page.locator("#evidence h2").inner_text()
    assert page.locator(".question").nth(1).inner_text().startswith("<img src=https://evil")
    for place in ("#evidence article", "#chat .message-content"):
        assert page.locator(f"{place} :is(img, script, style, b, em, strong, code)").count() == 0
    assert page.locator("#evidence a").count() == 0
    assert page.locator("#evidence mark").all_inner_texts() != ["forged"]
    assert page.evaluate("window.attacked") is None


def test_filters_narrow_and_are_told(visit: Visit, page: Page) -> None:
    page.get_by_role("button", name="Narrow by source or date").click()
    page.fill("#until textarea, #until input", "2014")
    visit.ask("Who holds the key of the harbour?")
    expect(page.locator(".narrowed")).to_have_text("to 2014")
    expect(page.locator(".reply .source").first).to_contain_text("A lighthouse without a keeper")
    expect(page.locator(".reply .source")).to_have_count(1)


def test_a_publisher_is_chosen_from_those_that_there_are(visit: Visit, page: Page) -> None:
    page.get_by_role("button", name="Narrow by source or date").click()
    page.get_by_label("Publishers").click()
    page.get_by_role("option", name="Island Review (1)").click()
    visit.ask("Who holds the key of the harbour?")
    expect(page.locator(".narrowed")).to_have_text("Island Review")
    expect(page.locator(".reply .source").first).to_contain_text("A lighthouse without a keeper")
    page.get_by_label("Publishers").click()
    assert page.get_by_role("option", name="<b>{{value}}</b> (1)").is_visible()


def test_a_date_that_is_none_is_refused_in_words(visit: Visit, page: Page) -> None:
    page.get_by_role("button", name="Narrow by source or date").click()
    page.fill("#since textarea, #since input", "yesterday")
    visit.ask(QUESTION)
    expect(page.locator(".notice.wrong")).to_contain_text("“yesterday” is not a date")
    page.fill("#since textarea, #since input", "")
    visit.ask(QUESTION)
    expect(page.locator(".claim").first).to_contain_text("1974")


def test_a_question_without_words_is_refused_in_words(visit: Visit, page: Page) -> None:
    visit.ask("?!")
    expect(page.locator(".notice.wrong")).to_contain_text("no words")


def test_an_answer_is_copied_with_its_sources(visit: Visit, page: Page) -> None:
    visit.context.grant_permissions(["clipboard-read", "clipboard-write"])
    visit.ask(QUESTION)
    page.locator("a.copy").click()
    expect(page.locator("a.copy")).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "The harbour at Kallo was deepened in 1974. [1]\n" in copied
    assert "[1] The harbour at Kallo, Coast Gazette · 30 November 2021" in copied


def test_a_new_conversation_begins_empty(visit: Visit, page: Page) -> None:
    visit.ask(QUESTION)
    expect(page.locator(".tools")).to_be_visible()
    page.get_by_role("button", name="New conversation").click()
    expect(page.locator(".question")).to_have_count(0)
    expect(page.locator("#evidence mark")).to_have_count(0)
    expect(page.locator("#suggestions")).to_be_visible()


def test_a_running_question_can_be_stopped(browser: Browser, tmp_path: Path) -> None:
    class Slow(HashedEmbedder):
        slow = False

        def embed(self, texts):  # type: ignore[no-untyped-def]
            time.sleep(3 if self.slow else 0)
            return super().embed(texts)

    write(tmp_path / "corpus", "harbour.md", HARBOUR)
    settings = Settings(corpus=tmp_path / "corpus", index=tmp_path / "index", embedder="hashed")
    embedder, catalog = Slow(), Catalog(settings.index)
    vectors = VectorStore(settings.index, embedder.name, embedder.dimension)
    assistant = Assistant(settings, catalog, vectors, embedder)
    assistant.ingest()
    embedder.slow = True
    with serving(assistant) as url:
        visit = Visit(browser, url)
        visit.ask(QUESTION)
        expect(visit.page.locator(".status")).to_contain_text(re.compile(r"Searching \d passages"))
        visit.page.locator("#question .stop-button").click()
        expect(visit.page.locator(".notice")).to_have_text("Stopped.")
        expect(visit.page.locator("#question .submit-button")).to_be_visible()
        embedder.slow = False
        visit.ask("Who ran the ferry?")
        expect(visit.page.locator(".claim").first).to_contain_text("Mr. Tamm")
        expect(visit.page.locator(".question")).to_have_count(2)
        visit.close()
    assistant.close()


def test_a_phone_shows_everything_without_sideways_scrolling(browser: Browser, coast: str) -> None:
    visit = Visit(browser, coast, viewport={"width": 390, "height": 844}, has_touch=True)
    visit.ask(QUESTION)
    expect(visit.page.locator(".tools")).to_be_visible()
    expect(visit.page.get_by_role("button", name="Back to the answer")).to_be_hidden()
    visit.page.locator("a.cite").first.tap()
    expect(visit.page.locator("#evidence mark.cited")).to_be_in_viewport()
    assert visit.page.evaluate("document.documentElement.scrollWidth") == 390
    visit.page.get_by_role("button", name="Back to the answer").tap()
    expect(visit.page.locator("a.cite").first).to_be_in_viewport()
    visit.close()


def test_the_beginning_of_each_answer_is_in_view(browser: Browser, coast: str) -> None:
    visit = Visit(browser, coast, viewport={"width": 390, "height": 500})
    for asked in range(1, 4):
        visit.ask(QUESTION)
        expect(visit.page.locator(".tools")).to_have_count(asked)
        expect(visit.page.locator(".user-row").last).to_be_in_viewport()
        expect(visit.page.locator(".reply .lead").last).to_be_in_viewport()
    visit.close()


@pytest.mark.parametrize(("scheme", "dark"), [("light", False), ("dark", True)])
def test_the_page_is_light_or_dark_as_the_reader_has_it(
    browser: Browser, coast: str, scheme: str, dark: bool
) -> None:
    visit = Visit(browser, coast, color_scheme=scheme)
    brightness = (
        "(at) => getComputedStyle(document.querySelector(at))"
        ".backgroundColor.match(/\\d+/g).map(Number)[0] < 128"
    )
    for pane in (".gradio-container", "#evidence-pane"):
        assert visit.page.evaluate(brightness, pane) is dark
    visit.close()


def test_an_empty_corpus_says_how_to_fill_it_and_then_fills(
    browser: Browser, tmp_path: Path
) -> None:
    (tmp_path / "corpus").mkdir()
    assistant = opened(tmp_path / "corpus", tmp_path / "index")
    with serving(assistant) as url:
        visit = Visit(browser, url)
        expect(visit.page.locator(".welcome")).to_contain_text("pincite add FILE")
        expect(visit.page.locator(".masthead")).to_contain_text("The corpus is empty")
        visit.ask(QUESTION)
        expect(visit.page.locator(".reply .message")).to_contain_text("empty")
        write(tmp_path / "corpus", "harbour.md", HARBOUR)
        assistant.ingest()
        expect(visit.page.locator(".masthead")).to_contain_text("1 article ·")
        visit.ask(QUESTION)
        expect(visit.page.locator(".claim").first).to_contain_text("1974")
        visit.close()
    assistant.close()


@pytest.mark.model
@pytest.mark.slow
def test_the_sample_corpus_answers_with_the_real_model(browser: Browser, tmp_path: Path) -> None:
    assistant = opened(SAMPLE, tmp_path / "index", "minilm")
    with serving(assistant) as url:
        visit = Visit(browser, url, viewport={"width": 1280, "height": 800})
        visit.ask("Which howitzer was destroyed near Hranitne?")
        expect(visit.page.locator(".claim").first).to_contain_text("howitzer")
        chip = visit.page.locator("a.cite").first
        expect(visit.page.locator(".tools")).to_be_visible()
        chip.click()
        expect(visit.page.locator("#evidence mark.cited").first).to_be_in_viewport()
        assert marked(visit.page) == visit.page.locator(".claim").first.inner_text()[:-1].strip()
        visit.close()
    assistant.close()
