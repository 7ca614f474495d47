"""Links to the live page: terms, their encoding, uniqueness, and what a real browser makes of them."""

from __future__ import annotations

import io
import os
import re
import shutil
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import unquote

import pytest
from conftest import UGLY
from hypothesis import given
from hypothesis import strategies as st

from answer.export.fragment import fragment_link, fragment_links
from answer.export.original import web_address
from ingest.article import Article, Span
from ingest.errors import PinciteError
from ingest.read import decode_article
from tests.clock import assert_linear

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = "--headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking"


EARLY_END = f"One two {'and so on, ' * 30} the very same end. {'Or then, ' * 9} the very same end."


def article(body: str, url: str | None = "https://example.org/a", path: str = "a.md") -> Article:
    front = f"---\ntitle: The title\nurl: {url}\n---\n" if url else "---\ntitle: The title\n---\n"
    return decode_article(path, (front + body).encode())


def place(told: Article, words: str, nth: int = 0) -> Span:
    """Where the words stand for the nth time, counted from 0, in the body."""
    start = told.body.start - 1
    for _ in range(nth + 1):
        start = told.text.index(words, start + 1)
    return Span(start, start + len(words))


def link(
    body: str, words: str, nth: int = 0, url: str | None = "https://example.org/a"
) -> str | None:
    told = article(body, url)
    return fragment_link(told, place(told, words, nth))


def directive(address: str | None) -> dict[str, str]:
    """The terms of a link, read as the report's grammar has them."""
    found = re.fullmatch(
        r"[^#]*#[^:]*:~:text=(?:([^,&-]+)-,)?([^,&-]+)(?:,([^,&-]+))?(?:,-([^,&-]+))?",
        address or "",
    )
    assert found, address
    names = ("prefix", "start", "end", "suffix")
    return {k: unquote(v, errors="strict") for k, v in zip(names, found.groups(), strict=True) if v}


def test_a_sentence_that_is_unique_is_linked_by_its_words_alone() -> None:
    assert link("The sea rose. It fell.\n", "It fell.") == (
        "https://example.org/a#:~:text=It%20fell."
    )


def test_dashes_commas_ampersands_and_percent_signs_are_encoded() -> None:
    words = "A well-known, 5% rise & more."
    assert link(f"{words}\n", words) == (
        "https://example.org/a#:~:text=A%20well%2Dknown%2C%205%25%20rise%20%26%20more."
    )


def test_words_of_any_script_are_percent_encoded_utf_8() -> None:
    address = link("مرحبا بالعالم. نعم.\n", "مرحبا بالعالم.")
    assert address is not None
    assert address.isascii()
    assert directive(address) == {"start": "مرحبا بالعالم."}


def test_a_repeated_sentence_gets_the_words_around_it_until_it_is_unique() -> None:
    body = "He said no. Then she left. He said no. Then it rained. He said no.\n"
    found = [link(body, "He said no.", nth) for nth in range(3)]
    assert [sorted(directive(address)) for address in found] == [
        ["start", "suffix"], ["prefix", "start"], ["prefix", "start"],
    ]  # fmt: skip
    assert directive(found[1])["prefix"].endswith("she left.")


def test_case_accents_and_punctuation_do_not_make_a_sentence_unique() -> None:
    found = directive(link("Le Café fermé! Le cafe ferme? Oui.\n", "Le cafe ferme?"))
    assert found.keys() > {"start"}


def test_the_same_words_inside_longer_words_count_as_a_match() -> None:
    assert len(directive(link("In the art of war. Cart of wares.\n", "art of war."))) > 1


def test_a_sentence_without_anything_unique_around_it_gets_the_plain_address() -> None:
    body = "No.\n\n" * 400
    assert link(body, "No.", 200) == "https://example.org/a"


def test_a_place_inside_a_word_gets_the_plain_address() -> None:
    assert link("Shipping is slow.\n", "hip") == "https://example.org/a"
    assert link("他来了很久。\n", "来了") == "https://example.org/a"
    assert link("The U.S. won.\n", "S. won.") == "https://example.org/a"


def test_a_long_quotation_is_named_by_its_start_and_end() -> None:
    words = " ".join(f"word{number}" for number in range(120)) + "."
    found = directive(link(f"Before. {words} After.\n", words))
    assert found == {"start": "word0 word1 word2 word3", "end": "word116 word117 word118 word119."}


def test_a_long_quotation_whose_end_comes_earlier_too_is_told_apart_by_what_follows() -> None:
    found = directive(link(f"{EARLY_END} After.\n", EARLY_END))
    assert found["suffix"].startswith("After.")


def test_a_quotation_over_two_paragraphs_is_named_by_its_start_and_end() -> None:
    found = directive(link("One is here now.\n\nTwo is there then.\n", "here now.\n\nTwo is"))
    assert found == {"start": "here now.", "end": "Two is"}


def test_markdown_marks_are_not_in_the_terms() -> None:
    words = "The *harbour* at [Kallo](https://a.b/c_d) was **deepened**, 2 * 3 `times`\\*."
    assert directive(link(f"## Head\n\n- {words}\n", words)) == {
        "start": "The harbour at Kallo was deepened, 2 * 3 times*."
    }


def test_no_term_holds_what_the_page_may_show_otherwise() -> None:
    body = "Tom &amp; Ann had met[^1] in <b>Rome</b> before the war.\n\n[^1]: A note.\n"
    found = directive(link(body, "Tom &amp; Ann had met[^1] in <b>Rome</b> before the war."))
    assert found == {"start": "Tom", "end": "before the war."}


def test_a_table_cell_is_a_block_of_its_own() -> None:
    found = directive(link("| Kallo | 1974 |\n|---|---|\n| Saarn | 1998 |\n", "Saarn | 1998"))
    assert found == {"start": "Saarn", "end": "1998"}


@pytest.mark.parametrize(
    ("url", "begin"),
    [
        ("https://x.org/#section", "https://x.org/#section:~:text="),
        ("https://x.org/#", "https://x.org/#:~:text="),
        ("https://x.org/?a=b&c", "https://x.org/?a=b&c#:~:text="),
        ("https://x.org/#s:~:text=old", "https://x.org/#s:~:text="),
    ],
)
def test_a_fragment_that_the_address_has_is_kept(url: str, begin: str) -> None:
    assert link("It fell.\n", "It fell.", url=url) == f"{begin}It%20fell."


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "file:///etc/passwd", "ftp://x.org/", "https://", "x.html", None]
)
def test_there_is_no_link_without_a_web_address(url: str | None) -> None:
    assert link("It fell.\n", "It fell.", url=url) is None
    assert web_address(url) is None


def test_several_places_are_linked_as_each_alone() -> None:
    told = article("It rose. It fell. It rose.\n")
    places = [place(told, "It fell."), place(told, "It rose.", 1)]
    assert fragment_links(told, places) == tuple(fragment_link(told, chars) for chars in places)


@pytest.mark.parametrize("path", ["a.md", "a.txt"])
@given(pieces=UGLY, data=st.data())
def test_any_text_gives_a_link_of_the_grammar_or_the_plain_address(
    path: str, pieces: list[str], data: st.DataObject
) -> None:
    try:
        told = article("".join(pieces), path=path)
    except PinciteError:
        return
    start = data.draw(st.integers(told.body.start, told.body.end))
    end = data.draw(st.integers(start, told.body.end))
    address = fragment_link(told, Span(start, end))
    assert address is not None
    if address != "https://example.org/a":
        directive(address)


@pytest.mark.parametrize(
    "piece",
    ["No. ", "*", "[", "](", "[[](", "`", "<a", "&a", "_a*", "![", "> - 1. ", "# ", "|", "\\", "a" * 50,
     "他来了", "e\u0301", "- a\n", "\n\n", "[^", ":~:", "~~a ", " ", "\t", "-",
     "=", "|-", "[a]: ", "\u3000", "。", "# #"],
)  # fmt: skip
def test_hostile_text_takes_about_linear_time(piece: str) -> None:
    def prepare(size: int) -> Callable[[], object]:
        told = article("Start here. " + piece * (size // len(piece)) + "\n\nThe end.\n")
        spans = (Span(told.body.start, told.body.end - 2), place(told, "The end."))
        return lambda: [fragment_link(told, span) for span in spans]

    assert_linear(prepare, 40_000, 160_000)


# A real browser highlights the right words.

STYLE = (
    "<style>body{font:20px/2 sans-serif;margin:40px}"
    "::target-text{background:#f0f;color:#f0f}</style>"
)
FILLER = "\n\n".join(f"Filler paragraph number {number} stands here." for number in range(60))
CASES = {
    "ascii": ("The sea rose. It fell again. All was calm.", "It fell again.", 0),
    "dash": ("It is a well-known, 5% rise & more – he said. So.", "It is a well-known, 5% rise & more – he said.", 0),
    "repeated": ("He said no. Then she left. He said no. It rained. He said no.", "He said no.", 1),
    "repeated last": ("He said no. Then she left. He said no. It rained. He said no.", "He said no.", 2),
    "repeated across paragraphs": ("One.\n\nHe said no.\n\nTwo.\n\nHe said no.\n\nThree.", "He said no.", 1),
    "arabic": ("قال لا. ثم غادرت المدينة. قال لا. ثم هطل المطر.", "قال لا.", 1),
    "arabic marks": ("قَالَ لا. ثم غادرت المدينةَ كلها.", "ثم غادرت المدينةَ كلها.", 0),
    "chinese": ("他来了。她走了！他来了。下雨了。", "她走了！", 0),
    "chinese repeated": ("他来了。她走了！他来了。下雨了。", "他来了。", 1),
    "hebrew": ("שלום עולם. מה שלומך? טוב.", "מה שלומך?", 0),
    "thai": ("สวัสดีครับ วันนี้ฝนตก พรุ่งนี้แดดออก", "วันนี้ฝนตก", 0),
    "hindi": ("वह आया। वह चला गया। बारिश हुई।", "वह चला गया।", 0),
    "russian": ("Он ушёл. Она пришла. Он ушел снова.", "Он ушёл.", 0),
    "quotes": ("“Why?” she asked. “Because it rained.” He left.", "“Because it rained.”", 0),
    "marks": ("The *harbour* at [Kallo](http://127.0.0.1/x) was **deepened**, he said. So.",
              "The *harbour* at [Kallo](http://127.0.0.1/x) was **deepened**, he said.", 0),
    "list": ("Before.\n\n- He said no.\n- He said no.\n- She left.", "He said no.", 1),
    "heading": ("# Ferries\n\nFerries left.\n\n## Trains\n\nTrains left. Ferries left.", "Ferries left.", 1),
    "abbreviations": ("The U.S. won. The U.K. lost in the U.S. again.", "The U.K. lost in the U.S. again.", 0),
    "emoji": ("It rained 👩‍👩‍👧‍👦 today. It rained. Cafe\u0301 closed 🎉.", "Cafe\u0301 closed 🎉.", 0),
    "long": ("Start of it. " + "A sentence goes on, " * 30 + "and it ends here. After that.",
             "A sentence goes on, " * 30 + "and it ends here.", 0),
    "early end": (f"{EARLY_END} After that.", EARLY_END, 0),
    "two paragraphs": ("One two three.\n\nFour five six.\n\nSeven.", "One two three.\n\nFour five six.", 0),
    "soft line break": ("The sea rose\nand it fell again. So it was.", "The sea rose\nand it fell again.", 0),
    "soft hyphen": ("It rained. A re\u00admark\u00adable day be\u00adgan. It fell.", "A re\u00admark\u00adable day be\u00adgan.", 0),
    "no-break space": ("It rose. It rose by 5\u00a0% in May. It fell.", "It rose by 5\u00a0% in May.", 0),
    "zero width": ("Rain.\n\n\ufeffIt be\u200bgan to\u2060day. It fell.", "\ufeffIt be\u200bgan to\u2060day.", 0),
    "direction marks": ("Rain. \u200fקרה ב־\u200e2014\u200f שם. It fell.", "\u200fקרה ב־\u200e2014\u200f שם.", 0),
    "ideographic space": ("他来了。　她走了　很远！他来了。", "她走了　很远！", 0),
    "entity": ("Tom &amp; Ann met. They went home.", "They went home.", 0),
    "entity inside": ("It rained. Tom and his friend &amp; Ann had met again. So.", "Tom and his friend &amp; Ann had met again.", 0),
    "nothing but the context differs": ("Rain fell. No. Snow fell. No. Hail fell. No. End.", "No.", 1),
    "number": ("In 2014, 1,200 m were dug. In 2015, 1,200 m were dug.", "In 2015, 1,200 m were dug.", 0),
}  # fmt: skip
SHOWN = """([words, nth]) => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), places = [];
  let flat = '';
  for (let node; node = walker.nextNode();)
    for (let i = 0; i < node.data.length; i++)
      if (!/\\s/.test(node.data[i])) { flat += node.data[i]; places.push([node, i]); }
  let at = -1;
  for (let i = 0; i <= nth; i++) at = flat.indexOf(words, at + 1);
  const range = document.createRange(), last = places[at + words.length - 1];
  range.setStart(...places[at]); range.setEnd(last[0], last[1] + 1);
  return [...range.getClientRects()].map(r => [r.left, r.top, r.right, r.bottom]);
}"""


@pytest.fixture(scope="module")
def served() -> Iterator[Callable[[str], str]]:
    """A function that puts an HTML body on a loopback server and gives its address."""
    pages: dict[str, bytes] = {}

    class Pages(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = pages.get(self.path)
            self.send_response(200 if found else 404)
            self.send_header("content-type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(found or b"")

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    Thread(target=server.serve_forever, daemon=True).start()

    def put(body: str) -> str:
        path = f"/{len(pages)}.html"
        pages[path] = f"<!doctype html><meta charset=utf-8>{STYLE}<body>{body}".encode()
        return f"http://127.0.0.1:{server.server_address[1]}{path}"

    yield put
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    if CHROMIUM is None and os.environ.get("CI"):
        pytest.fail("Chromium has to be there in CI; `make test` installs it")
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed here (apt install chromium)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS.split())
        yield browser
        browser.close()


@pytest.mark.browser
@pytest.mark.parametrize("name", CASES)
def test_a_browser_highlights_exactly_the_cited_words(
    name: str, served: Callable[[str], str], browser: object
) -> None:
    from markdown_it import MarkdownIt
    from PIL import Image

    body, words, nth = CASES[name]
    body = f"{FILLER}\n\n{body}\n\n{FILLER}\n"
    url = served(MarkdownIt("commonmark").render(body))
    told = article(body, url)
    address = fragment_link(told, place(told, words, nth))
    assert address is not None
    assert ":~:text=" in address
    page = browser.new_page(viewport={"width": 900, "height": 900})  # type: ignore[attr-defined]
    page.goto(address)
    bare = re.sub(r"\]\([^)]*\)|[*\[\]\s\ufeff]", "", words).replace("&amp;", "&")
    rects = page.evaluate(SHOWN, [bare, nth])
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    assert page.evaluate("scrollY") > 500
    page.close()
    inside, outside = highlighted(picture, rects)
    assert outside == 0, address
    assert inside > 0.95, address


def highlighted(picture: object, rects: list[list[float]]) -> tuple[float, int]:
    """The share of the words' boxes that is highlighted, and how many pixels elsewhere are."""
    import numpy as np

    pixels = np.asarray(picture).astype(int)
    magenta = (pixels[..., 0] > 200) & (pixels[..., 1] < 60) & (pixels[..., 2] > 200)
    words, near = np.zeros(magenta.shape, bool), np.zeros(magenta.shape, bool)
    for left, top, right, bottom in rects:
        words[round(top) + 2 : round(bottom) - 2, round(left) + 1 : round(right) - 1] = True
        near[
            max(0, round(top) - 9) : round(bottom) + 9, max(0, round(left) - 8) : round(right) + 8
        ] = True
    return float(magenta[words].mean()), int((magenta & ~near).sum())
