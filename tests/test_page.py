"""The page in a real browser. A console error, or a request to anywhere else, fails every test."""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from conftest import HARBOUR, LIGHTHOUSE, write
from llm_server import Call, LlmServer, Role, says
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

    def __init__(self, browser: Browser, address: str, at: str = "", **looks: object) -> None:
        self.address = address
        self.wrong: list[str] = []
        self.context = browser.new_context(**looks)  # type: ignore[arg-type]
        self.context.set_default_timeout(20_000)
        self.page = self.context.new_page()
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.wrong.append(f"error: {error}"))
        self.page.on("dialog", lambda dialog: self.wrong.append(f"dialog: {dialog.message}"))
        self.page.on("request", self._asked)
        self.page.goto(address + at)
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
        "href", re.compile("^https://example.org/harbour#:~:text=The%20harbour%20at%20Kallo")
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
    links = page.locator("#evidence a").evaluate_all("links => links.map(link => link.pathname)")
    assert all(re.fullmatch("/answers/[0-9a-f]{64}", link) for link in links)
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


# ---- what an answer rests on ---------------------------------------------------------------------

STORM = """\
---
title: A storm at Kallo
publisher: Coast Gazette
published: 2021-11-12
language: en
---
At least 19 sailors were killed at Kallo, the coast guard said.
"""
YEAR_LATER = """\
---
title: The storm, a year later
publisher: Island Review
published: 2022-11-11
language: en
---
It is now known that at least 30 sailors were killed at Kallo in the storm.
"""
KILLED = "At least how many sailors were killed at Kallo?"


@pytest.fixture(scope="module")
def storm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server whose two articles give different figures."""
    folder = tmp_path_factory.mktemp("storm")
    write(folder / "corpus", "harbour.md", HARBOUR)
    write(folder / "corpus", "storm.md", STORM)
    write(folder / "corpus", "later.md", YEAR_LATER)
    assistant = opened(folder / "corpus", folder / "index")
    with serving(assistant) as url:
        yield url
    assistant.close()


def test_a_follow_up_shows_what_was_searched_for_it(visit: Visit, page: Page) -> None:
    visit.ask(QUESTION)
    expect(page.locator(".tools")).to_have_count(1)
    expect(page.locator(".searched")).to_have_count(0)
    visit.ask("and who ran the ferry there?")
    expect(page.locator(".searched")).to_have_text("Searched: Who ran the ferry at Kallo?")
    expect(page.locator(".reply").last.locator(".lead")).to_contain_text("Mr. Tamm")


def test_sources_that_differ_are_shown_side_by_side_and_open_their_words(
    browser: Browser, storm: str
) -> None:
    visit = Visit(browser, storm)
    page = visit.page
    visit.ask(KILLED)
    expect(page.locator(".differing")).to_have_text(
        ["“at least 30”2Island Review · 11 November 2022", re.compile("“At least 19”1Coast Gaz")]
    )
    expect(page.locator(".sources > .label")).to_have_text(
        "Sources: 2 articles, 2 independent sources"
    )
    expect(page.locator(".timeline .when")).to_have_text(
        ["12 November 2021 [1]", "11 November 2022 [2]"]
    )
    expect(page.locator(".speaker")).to_have_text(
        "[1] the coast guard, as reported in Coast Gazette"
    )
    page.locator(".differing a.cite").first.click()
    expect(page.locator("#evidence mark.cited")).to_contain_text("at least 30 sailors")
    expect(page.locator(".differing a.cite").first).to_have_attribute(
        "aria-label", re.compile("^Source 2: The storm, a year later")
    )
    visit.close()


def test_what_differs_is_copied_too(browser: Browser, storm: str) -> None:
    visit = Visit(browser, storm)
    visit.context.grant_permissions(["clipboard-read", "clipboard-write"])
    visit.ask(KILLED)
    visit.page.locator("a.copy").click()
    expect(visit.page.locator("a.copy")).to_have_text("Copied")
    assert visit.page.evaluate("navigator.clipboard.readText()") == (
        "At least 19 sailors were killed at Kallo, the coast guard said. [1]\n"
        "It is now known that at least 30 sailors were killed at Kallo in the storm. [2]\n\n"
        "The sources differ on this:\n"
        "“at least 30” [2] (Island Review · 11 November 2022)\n"
        "“At least 19” [1] (Coast Gazette · 12 November 2021)\n\n"
        "[1] A storm at Kallo, Coast Gazette · 12 November 2021\n"
        "[2] The storm, a year later, Island Review · 11 November 2022\n"
    )
    visit.close()


# ---- a model that writes -------------------------------------------------------------------------


@contextmanager
def written_by(role: Role, folder: Path) -> Iterator[tuple[str, LlmServer]]:
    """The address of a page whose answers a model of this kind writes, and the model's server."""
    write(folder / "corpus", "harbour.md", HARBOUR)
    with LlmServer(role) as model:
        given = {"llm": model.url, "llm_model": "tiny", "llm_seconds": 5.0}
        assistant = opened(folder / "corpus", folder / "index", **given)
        with serving(assistant) as url:
            yield url, model
        assistant.close()


def drawls(call: Call) -> None:
    """Says a sentence, and then goes on and on, slowly."""
    call.begin()
    call.token("The harbour was deepened in 1974 [1.1]. ")
    while True:
        call.token("And so it went on and on. ")
        time.sleep(0.05)


def test_a_models_sentences_are_marked_with_how_well_they_are_supported(
    browser: Browser, tmp_path: Path
) -> None:
    told = (
        "The harbour at Kallo was deepened in 1974 [1.1]. It was deepened in 1984 [1.1]. "
        "The mayor of Kallo keeps forty cats."
    )
    with written_by(says(told), tmp_path) as (url, _):
        visit = Visit(browser, url, viewport={"width": 390, "height": 844})
        page = visit.page
        visit.context.grant_permissions(["clipboard-read", "clipboard-write"])
        visit.ask(QUESTION)
        expect(page.locator(".writer")).to_contain_text("Written by tiny. Citation recall")
        first, wrong, invented = (page.locator(".claim").nth(at) for at in range(3))
        expect(first.locator("a.cite")).to_have_count(1)
        expect(first.locator(".verdict.partly, .verdict.unsupported")).to_have_count(0)
        expect(wrong.locator(".finding")).to_contain_text("“1984” stands there as “1974”")
        expect(invented.locator(".verdict")).to_have_text("no passage supports it")
        expect(invented.locator("a.cite")).to_have_count(0)
        expect(page.locator("#evidence mark.cited").first).to_contain_text("1974")
        page.locator("a.copy").click()
        expect(page.locator("a.copy")).to_have_text("Copied")
        copied = page.evaluate("navigator.clipboard.readText()")
        assert "The mayor of Kallo keeps forty cats.\n" in copied
        assert "supported" not in copied
        assert "stands there" not in copied
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        visit.close()


def test_what_a_model_writes_is_shown_while_it_arrives_and_can_be_stopped(
    browser: Browser, tmp_path: Path
) -> None:
    with written_by(drawls, tmp_path) as (url, model):
        visit = Visit(browser, url)
        visit.ask(QUESTION)
        arriving = visit.page.locator(".reply.arriving")
        expect(arriving).to_contain_text("The harbour was deepened in 1974")
        expect(arriving).to_contain_text("And so it went on")
        expect(arriving).to_contain_text("are checked when it has ended")
        assert visit.page.locator("#chat a.cite").count() == 0
        visit.page.locator("#question .stop-button").click()
        expect(visit.page.locator(".notice")).to_have_text("Stopped.")
        expect(arriving).to_contain_text("were not checked")
        assert model.hung_up.wait(10)
        visit.close()


@pytest.mark.parametrize("down", [True, False])
def test_a_model_that_is_down_or_says_nothing_gives_way_to_quotations_and_the_page_says_so(
    browser: Browser, tmp_path: Path, down: bool
) -> None:
    with written_by(says(""), tmp_path) as (url, model):
        if down:
            model.__exit__()
        visit = Visit(browser, url)
        visit.ask(QUESTION)
        expect(visit.page.locator(".note")).to_contain_text(
            "this answer is made of quotations", timeout=20_000
        )
        expect(visit.page.locator(".claim").first).to_contain_text("deepened in 1974")
        expect(visit.page.locator(".verdict")).to_have_count(0)
        expect(visit.page.locator("a.cite").first).to_be_visible()
        visit.close()


def test_nothing_that_a_model_writes_acts(browser: Browser, tmp_path: Path) -> None:
    told = " ".join(
        f"The harbour at Kallo was {attack} deepened in 1974 [1.1]." for attack in ATTACKS
    )
    with written_by(says(told, size=7), tmp_path) as (url, _):
        visit = Visit(browser, url)
        visit.ask(QUESTION)
        expect(visit.page.locator(".tools, .unanswered").first).to_be_visible()
        inside = "#chat .reply :is(img, script, style, b, em, strong, code, mark, h1)"
        assert visit.page.locator(inside).count() == 0
        links = visit.page.locator("#chat .reply a").evaluate_all(
            "links => links.map(link => link.getAttribute('href'))"
        )
        assert all(
            re.match(r"#copy|#cite-[0-9a-f]{16}:|/answers/|/api/answers/", at) for at in links
        )
        assert "#cite-0000000000000000:0-1" not in links
        assert visit.page.evaluate("window.attacked") is None
        visit.close()


# ---- quotations and drafts -----------------------------------------------------------------------


def test_what_the_box_is_for_has_a_name_and_is_chosen_by_keyboard(visit: Visit, page: Page) -> None:
    group = page.get_by_role("group", name="What the box is for")
    expect(group.get_by_role("radio")).to_have_count(3)
    expect(group.get_by_role("radio", name="Ask")).to_be_checked()
    chosen = group.get_by_role("radio", name="Check a quotation")
    chosen.focus()
    expect(chosen).to_be_focused()
    page.keyboard.press("Space")
    expect(chosen).to_be_checked()
    expect(page.locator("#question textarea")).to_have_attribute(
        "placeholder", re.compile("quoted words")
    )


def check(visit: Visit, mode: str, words: str) -> None:
    expect(visit.page.locator("#question .submit-button")).to_be_visible()
    visit.page.get_by_role("radio", name=mode).check()
    visit.ask(words)


def test_an_exact_quotation_is_opened_where_it_stands(visit: Visit, page: Page) -> None:
    check(visit, "Check a quotation", "“was deepened in 1974”")
    expect(page.locator(".quote-check.exact")).to_contain_text("Exact")
    expect(page.locator(".quote-check .label")).to_have_text("In 1 article")
    expect(page.locator("#evidence mark.cited")).to_have_text("was deepened in 1974")
    expect(page.locator(".quote-check a.cite")).to_have_attribute(
        "aria-label", re.compile("^Source 1: The harbour at Kallo")
    )


def test_altered_and_unknown_quotations_highlight_nothing(visit: Visit, page: Page) -> None:
    check(visit, "Check a quotation", "The harbour at Kallo was deepened in 1974.")
    expect(page.locator("#evidence mark.cited")).to_have_count(1)
    visit.ask("Two dredgers worked there for nine weeks")
    altered = page.locator(".quote-check.altered")
    expect(altered.locator("del")).to_have_text("weeks")
    expect(altered.locator("ins")).to_have_text("months")
    expect(altered).to_contain_text("The harbour at Kallo · Coast Gazette")
    expect(altered.locator("a")).to_have_count(0)
    expect(page.locator("#evidence mark")).to_have_count(0)
    visit.ask("Peru won the football cup of the year")
    expect(page.locator(".quote-check.not_in_corpus")).to_have_text("Not in this corpus.")
    expect(page.locator("#evidence mark")).to_have_count(0)


def test_a_draft_is_checked_sentence_by_sentence(visit: Visit, page: Page) -> None:
    draft = (
        "The harbour at Kallo was deepened in 1974. The harbour at Kallo was deepened in 1984. "
        "Peru won the football cup. “Two dredgers worked there for nine weeks” is what it says."
    )
    check(visit, "Check a draft", draft)
    claims = page.locator(".draft-review .claim")
    expect(claims).to_have_count(4)
    expect(claims.nth(0).locator(".verdict")).to_have_text("supported")
    expect(claims.nth(1).locator(".verdict")).to_have_text("contradicted")
    expect(claims.nth(1).locator(".finding").first).to_contain_text("“1984” stands there as “1974”")
    expect(claims.nth(2).locator(".verdict")).to_have_text("not in this corpus")
    expect(claims.nth(2).locator("a")).to_have_count(0)
    expect(claims.nth(3)).to_contain_text("Altered")
    expect(page.locator("#evidence mark.cited").first).to_contain_text("deepened in 1974")
    claims.nth(1).locator("a.cite").first.click()
    expect(claims.nth(1).locator("a.cite").first).to_have_attribute("aria-current", "true")
    expect(claims.nth(1).locator("a.cite").first).to_have_attribute(
        "aria-label", re.compile("^Source 2: The harbour at Kallo")
    )


def test_no_question_follows_from_a_quotation_or_a_draft(visit: Visit, page: Page) -> None:
    check(visit, "Check a draft", "The lighthouse on Saarn has had no keeper since 1998.")
    expect(page.locator(".draft-review")).to_be_visible()
    check(visit, "Ask", QUESTION)
    expect(page.locator(".tools")).to_be_visible()
    expect(page.locator(".searched")).to_have_count(0)


def test_nothing_in_a_hostile_quotation_or_draft_acts(visit: Visit, page: Page) -> None:
    for asked, attack in enumerate(ATTACKS[:6], 1):
        check(visit, "Check a quotation", f"The saboteur wrote {attack} on the wall of the barn")
        expect(page.locator(".quote-check")).to_have_count(asked)
    check(
        visit,
        "Check a draft",
        "\n".join(f"The saboteur wrote {one} on the mill." for one in ATTACKS),
    )
    expect(page.locator(".draft-review")).to_be_visible()
    inside = "#chat .message-content :is(img, script, style, b, em, strong, code, mark, h1)"
    assert page.locator(inside).count() == 0
    assert page.locator('#chat a[href^="http"], #chat a[href^="javascript"]').count() == 0
    assert page.evaluate("window.attacked") is None


# ---- kept answers --------------------------------------------------------------------------------


def test_a_permalink_opens_the_answer_as_it_was_kept(
    browser: Browser, visit: Visit, page: Page
) -> None:
    visit.ask(QUESTION)
    permalink = page.locator("a.permalink").get_attribute("href")
    other = Visit(browser, visit.address, str(permalink))
    expect(other.page.locator(".question")).to_have_text(QUESTION)
    expect(other.page.locator(".claim").first).to_contain_text("deepened in 1974")
    expect(other.page.locator("#evidence mark.cited")).to_contain_text("1974")
    assert other.page.locator("a.permalink").get_attribute("href") == permalink
    other.ask("and who ran the ferry there?")
    expect(other.page.locator(".searched")).to_have_text("Searched: Who ran the ferry at Kallo?")
    other.close()


@pytest.mark.parametrize("name", ["0" * 64, "nonsense", "%3Cimg%20src=x%20onerror=alert(1)%3E"])
def test_a_permalink_to_nothing_says_so(browser: Browser, coast: str, name: str) -> None:
    visit = Visit(browser, coast, f"/?answer={name}")
    expect(visit.page.locator(".notice.wrong")).to_contain_text(
        re.compile("No answer is kept under|An answer is named by its hash")
    )
    expect(visit.page.locator("#evidence mark")).to_have_count(0)
    visit.close()


def test_an_answer_is_exported_from_its_menu(visit: Visit, page: Page) -> None:
    visit.ask(QUESTION)
    menu = page.locator(".exports")
    expect(menu.locator("a").first).to_be_hidden()
    menu.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(menu.locator("a")).to_have_text(
        [
            "Markdown with footnotes",
            "Plain text",
            "BibTeX",
            "CSL-JSON",
            "RIS",
            "Web Annotation",
            "Record (JSON)",
        ]
    )
    expect(menu.locator("a").last).to_be_in_viewport()
    for name, suffix in (("BibTeX", ".bib"), ("Record (JSON)", ".record.json")):
        with page.expect_download() as started:
            menu.get_by_role("link", name=name).click()
        assert started.value.suggested_filename.endswith(suffix)
        assert "Kallo" in Path(started.value.path()).read_text("utf-8")
    assert len(visit.context.pages) == 1
    hrefs = menu.locator("a").evaluate_all("links => links.map(link => link.href)")
    assert [visit.context.request.get(str(href)).status for href in hrefs] == [200] * 7


def test_the_evidence_names_the_answers_that_cite_it_and_says_when_it_is_superseded(
    browser: Browser, tmp_path: Path
) -> None:
    corpus = tmp_path / "corpus"
    write(corpus, "harbour.md", HARBOUR)
    assistant = opened(corpus, tmp_path / "index")
    with serving(assistant) as url:
        visit = Visit(browser, url)
        page = visit.page
        visit.ask(QUESTION)
        expect(page.locator("#evidence .cited-by li")).to_have_text([QUESTION])
        expect(page.locator("#evidence .superseded")).to_have_count(0)
        permalink = str(page.locator("a.permalink").get_attribute("href"))
        assert page.locator("#evidence .cited-by a").get_attribute("href") == permalink
        write(corpus, "harbour.md", HARBOUR.replace("1974", "1975"))
        assistant.ingest()
        page.goto(url + permalink)
        expect(page.locator("#evidence .superseded")).to_contain_text("no longer this version")
        expect(page.locator("#evidence mark.cited")).to_contain_text("1974")
        expect(page.locator("#evidence .cited-by li")).to_have_text([f"{QUESTION} · altered"])
        expect(page.locator(".changed")).to_contain_text("“1974” is now “1975”")
        visit.close()
    assistant.close()


def test_long_words_wrap_on_a_phone(browser: Browser, tmp_path: Path) -> None:
    long = "Kallo" * 60
    text = HARBOUR.replace(
        "The harbour at Kallo was", f"The {long} harbour https://x.example/{long} was"
    )
    write(tmp_path / "corpus", "a.md", text.replace("title: The", f"title: {long} The"))
    assistant = opened(tmp_path / "corpus", tmp_path / "index")
    with serving(assistant) as url:
        visit = Visit(browser, url, viewport={"width": 390, "height": 844})
        page = visit.page
        visit.ask("When was the harbour deepened?")
        expect(page.locator(".tools")).to_be_visible()
        page.locator(".exports summary").click()
        check(
            visit, "Check a quotation", f"The {long} harbour https://y.example/{long} was deepened"
        )
        check(visit, "Check a draft", f"The {long} harbour was deepened in 1984.")
        expect(page.locator(".draft-review")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        wide = "rows => rows.filter(row => row.scrollWidth > row.clientWidth + 1).length"
        assert page.locator("#chat .reply, #chat .question").evaluate_all(wide) == 0
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
