"""Web pages → articles, without what surrounds them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.convert.document import Document, Source
from ingest.convert.html import read
from ingest.convert.pandoc import program
from ingest.convert.process import Converter
from ingest.errors import UnreadableSource
from tests.clock import assert_linear, at_most

HARBOUR = (
    "The harbour at Kallo was deepened in 1974, and for nine months two dredgers worked there day "
    "and night while the mud was taken out to sea."
)
NOBODY = (
    "“Nobody asked us,” said Maarja Tamm, who ran the kiosk on the pier for thirty years — ‘not "
    "once’, as her husband puts it. “We just heard the engines…”"
)
COST = (
    "The work cost 4.2 million crowns, about a third more than the council had planned, and it was "
    "finished eleven days late."
)
FERRY = (
    "A ferry has left for the islands every hour since then. In summer it carries up to 900 people "
    "a day; in winter, often fewer than forty."
)
PILES = (
    'The report, which the <a href="/r"><em>Harbour Board</em></a> published on <strong>Monday'
    "</strong>, says that the pier’s <a href='/p'>wooden piles</a>, driven in 1911, will last “at "
    "most” <em>twenty</em> years."
)
PILES_TEXT = (
    "The report, which the Harbour Board published on Monday, says that the pier’s wooden piles, "
    "driven in 1911, will last “at most” twenty years."
)
NAVIGATION = (
    '<header><a href="/">Coast Gazette</a><nav><ul><li><a href="/n">News section</a></li><li><a '
    'href="/s">Sport section</a></li><li><a href="/a">Subscribe for one euro</a></li></ul></nav>'
    "</header>"
)
COOKIE_BAR = (
    '<div id="cookie-banner" class="cookie-consent"><p>We and our 412 partners use cookies to store '
    "data on your device. Accept all cookies to go on.</p><button>Accept</button></div>"
)
FOOTER = "<footer><p>Copyright 2021 Coast Gazette. All rights reserved to us.</p></footer>"
RELATED = (
    '<aside class="related"><h3>Related stories</h3><ul><li><a href="/1">Fishermen protest against '
    'the wind park</a></li><li><a href="/2">Seven things to do in winter</a></li></ul></aside>'
)
COMMENTS = (
    '<section id="comments" class="comments"><h3>Comments (1)</h3><div class="comment"><p>user77: I '
    "never liked that ferry, it smelled of diesel and old fish.</p></div></section>"
)
LINKED_DATA: dict[str, Any] = {
    "@context": "https://schema.org",
    "@graph": [
        {"@type": "WebSite", "name": "Gazette's site"},
        {"@type": "Person", "@id": "#mets", "name": "Peeter Mets"},
        {
            "@type": ["NewsArticle"],
            "headline": "The harbour &amp; its mud",
            "author": [{"@type": "Person", "name": "By Liis Org"}, {"@id": "#mets"}],
            "publisher": {"@type": "Organization", "name": "Coast Gazette"},
            "datePublished": "2021-11-30T06:00:00+02:00",
            "dateModified": "2021-12-02T10:00:00+02:00",
        },
    ],
}


def paragraphs(*texts: str) -> str:
    return "".join(f"<p>{text}</p>\n" for text in texts)


def page(body: str, head: str = "", lang: str = ' lang="en-GB"') -> str:
    return f'<!DOCTYPE html><html{lang}><head><meta charset="utf-8">{head}</head><body>{body}</body></html>'


def linked(data: object) -> str:
    return f'<script type="application/ld+json">{json.dumps(data)}</script>'


def document(html: str | bytes, **about: Any) -> Document:
    data = html if isinstance(html, bytes) else html.encode()
    (found,) = read(Source("page.html", data, **about))
    assert isinstance(found, Document)
    return found


ARTICLE = f"<article><h1>Mud</h1>{paragraphs(HARBOUR, COST, FERRY)}</article>"
NEWS = page(
    f"{COOKIE_BAR}{NAVIGATION}<main><article><h1>The harbour &amp; its mud</h1><p class='byline'>By Liis "
    f"Org <time datetime='2021-11-30'>30 November</time></p>{paragraphs(HARBOUR, NOBODY)}<h2>What it "
    f"cost</h2>{paragraphs(COST, PILES)}<blockquote><p>He who waits for the tide waits twice.</p>"
    "</blockquote><h2>What was used</h2><ul><li>Two dredgers from the mainland.</li><li>Nine barges, "
    "<em>hired</em> by the month.</li></ul><table><tr><th>Year</th><th>Depth</th></tr><tr><td>1973</td>"
    f"<td>4.1 m</td></tr></table>{paragraphs(FERRY)}</article>{RELATED}{COMMENTS}</main>{FOOTER}",
    linked(LINKED_DATA)
    + "<title>The harbour &amp; its mud | Coast Gazette</title><script>EVIL</script><style>EVIL</style>"
    '<meta property="og:title" content="Mud! | Coast Gazette"><link rel="canonical" href="/harbour#top">',
)


def test_a_news_page_becomes_its_article_word_for_word() -> None:
    assert document(NEWS, url="https://gazette.example/x?utm=1") == Document(
        body="\n\n".join(
            [
                HARBOUR,
                NOBODY,
                "## What it cost",
                COST,
                PILES_TEXT,
                "> He who waits for the tide waits twice.",
                "## What was used",
                "- Two dredgers from the mainland.\n- Nine barges, hired by the month.",
                "| Year | Depth |\n| --- | --- |\n| 1973 | 4.1 m |",
                FERRY,
            ]
        ),
        title="The harbour & its mud",
        authors=("Liis Org", "Peeter Mets"),
        publisher="Coast Gazette",
        published="2021-11-30",
        modified="2021-12-02",
        url="https://gazette.example/harbour",
        language="en",
    )


def test_a_page_by_pandoc_becomes_its_article_word_for_word() -> None:
    told = (
        "---\ntitle: Mud\nauthor: Ana Example\ndate: 2021-11-30\nlang: de\n---\n"
        "Der Kai sank — „sehr langsam“, um 10^2^ cm.[^1]\n\n## Befund\n\n- Schlamm\n- *Holz*\n\n"
        "> Wasser hat kein Gedächtnis.\n\n| Jahr | cm |\n|---|---|\n| 2019 | 3 |\n\n"
        f"{HARBOUR}\n\n[^1]: Gemessen im März.\n"
    )
    command = [program(), "--from=markdown", "--to=html5", "--standalone"]
    made = subprocess.run(command, input=told.encode(), capture_output=True, check=True)
    assert document(made.stdout) == Document(
        body=(
            "2021-11-30\n\nDer Kai sank — „sehr langsam“, um 10² cm.¹\n\n## Befund\n\n- Schlamm\n- Holz"
            "\n\n> Wasser hat kein Gedächtnis.\n\n| Jahr | cm |\n| --- | --- |\n| 2019 | 3 |\n\n"
            f"{HARBOUR}\n\n1. Gemessen im März.↩︎"
        ),
        title="Mud",
        authors=("Ana Example",),
        published="2021-11-30",
        language="de",
    )


def test_a_blog_post_is_found_by_its_own_heading() -> None:
    found = document(
        page(
            '<div id="header"><h1><a href="/">Tide notes</a></h1><p>A blog about the sea</p></div><div '
            'id="content"><div class="post"><h2 class="entry-title">Low water</h2><div class="entry-content">'
            f"{paragraphs(HARBOUR, PILES)}<ol><li>First the moon.</li><li>Then the sun.</li></ol></div></div>"
            '</div><div id="sidebar"><h3>Archives</h3><ul><li><a href="/1">January archive</a></li></ul></div>',
            '<title>Tide notes: low water</title><meta name="author" content="Kaja Rand">',
        )
    )
    assert found.title == "Low water"
    assert found.authors == ("Kaja Rand",)
    assert found.body == f"{HARBOUR}\n\n{PILES_TEXT}\n\n1. First the moon.\n2. Then the sun."


def test_the_posts_of_a_live_blog_keep_their_headings() -> None:
    posts = {
        "20:15 Ferries stop": "All ferries to the islands have stopped until further notice, the line says.",
        "19:40 High waves": "The buoy off Saarn measured waves of six metres at a quarter past six.",
        "18:05 Power cut": "About 1,200 households on Saarn have been without power since the afternoon.",
    }
    html = "".join(
        f'<article class="live-post"><h2><time>{head[:5]}</time>{head[5:]}</h2><p>{text}</p></article>'
        for head, text in posts.items()
    )
    found = document(
        page(f"{NAVIGATION}<main><h1>Storm</h1>{paragraphs(FERRY)}{html}</main>{FOOTER}")
    )
    expected = [FERRY, *(part for head, text in posts.items() for part in (f"## {head}", text))]
    assert found.body == "\n\n".join(expected)
    assert found.published is None


def test_ingredients_that_are_links_are_no_menu_and_a_quote_keeps_its_speaker() -> None:
    things = "".join(f"<li><a href='/{one}'>{one}</a>, 200 g</li>" for one in ("Cod", "Cream"))
    read_on = "<ul><li><a href='/1'>More soups from the coast</a></li></ul>"
    body = (
        f"<article><h1>Soup</h1>{paragraphs(HARBOUR)}<h2>You need</h2><ul>{things}</ul>{read_on}"
        f"{paragraphs(COST)}<blockquote><p>Stir it.</p><footer>— Maarja Tamm</footer></blockquote>"
        f"{paragraphs(FERRY)}</article>"
    )
    assert document(page(NAVIGATION + body + FOOTER)).body == (
        f"{HARBOUR}\n\n## You need\n\n- Cod, 200 g\n- Cream, 200 g\n\n{COST}\n\n> Stir it.\n\n"
        f"> — Maarja Tamm\n\n{FERRY}"
    )


def test_a_page_of_divs_and_line_breaks_has_paragraphs_too() -> None:
    body = f"<div><div>{HARBOUR}</div><div>{NOBODY}</div><div>{COST}<br><br>{FERRY}</div></div>"
    assert document(page(NAVIGATION + body + FOOTER)).body == "\n\n".join(
        [HARBOUR, NOBODY, COST, FERRY]
    )


def test_paragraphs_that_repeat_are_kept_as_often_as_they_stand_there() -> None:
    said = (HARBOUR, "No.", COST, "No.", FERRY, HARBOUR, "No.")
    body = f"{NAVIGATION}<article><h1>Refrain</h1>{paragraphs(*said)}</article>{FOOTER}"
    assert document(page(body)).body == "\n\n".join(said)


def test_broken_markup_loses_no_words() -> None:
    found = document(
        f"<html><title>Mud</title><body><table width=100%><tr><td><font size=2><p>{HARBOUR}<p><i>{NOBODY}</b>"
        f"<p>{PILES}<div><p>{FERRY}</font></table><hr><center>"
    )
    assert found.body == "\n\n".join([HARBOUR, NOBODY, PILES_TEXT, FERRY])


RUSSIAN = (
    "Гавань в Калло углубили в 1974 году: девять месяцев две драги работали днём и ночью, а ил "
    "вывозили в открытое море.",
    "«Нас никто не спрашивал», — говорит Маарья Тамм, которая тридцать лет держала киоск на пирсе.",
)
RUSSIAN_PAGE = (
    '<html><head>%s<title>Гавань</title></head><body><div class="menu"><a href="/">Главная</a></div>'
    f'<div class="article"><h1>Гавань в Калло</h1><div class="date">30 ноября 2021</div>'
    f'{paragraphs(*RUSSIAN)}</div><div class="footer">Все права защищены.</div></body></html>'
)


@pytest.mark.parametrize("encoding", ["utf-8", "windows-1251", "utf-16"])
@pytest.mark.parametrize("declared", [True, False])
def test_letters_are_right_whether_the_encoding_is_said_or_not(
    encoding: str, declared: bool
) -> None:
    meta = (
        f'<meta http-equiv="Content-Type" content="text/html; charset={encoding}">'
        if declared
        else ""
    )
    found = document((RUSSIAN_PAGE % meta).encode(encoding))
    assert found.body == "\n\n".join(RUSSIAN)
    assert (found.title, found.published) == ("Гавань в Калло", "2021-11-30")


def test_the_servers_encoding_wins_over_the_pages() -> None:
    data = (RUSSIAN_PAGE % '<meta charset="iso-8859-1">').encode("windows-1251")
    assert document(data, charset="windows-1251").body == "\n\n".join(RUSSIAN)


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ('<meta property="article:published_time" content="2021-11-30T06:00:00Z">', "2021-11-30"),
        ('<meta name="date" content="Nov. 30, 2021">', "2021-11-30"),
        ('<meta name="citation_publication_date" content="2021/11">', "2021-11"),
        ('<meta itemprop="datePublished" content="30.11.2021">', "2021-11-30"),
        (
            '<meta name="date" content="yesterday"><meta name="pubdate" content="2021-11-30">',
            "2021-11-30",
        ),
        (linked({"@type": "BlogPosting", "datePublished": 1638230400}), "2021-11-30"),
        (linked([{"@type": "Article", "datePublished": "2021-11-30"}]), "2021-11-30"),
        ('<meta name="date" content="3/4/2021">', "2021"),
    ],
)
def test_the_date_is_found_where_pages_put_it(head: str, expected: str) -> None:
    assert document(page(ARTICLE, head)).published == expected


def test_several_authors_in_one_field_are_several() -> None:
    head = '<meta name="author" content="Ana Example; Boris Example">'
    assert document(page(ARTICLE, head)).authors == ("Ana Example", "Boris Example")


@pytest.mark.parametrize("odd", ["yesterday", "31 February 2021", "0000-00-00", "vor 3 Stunden"])
def test_an_odd_date_is_said_and_not_guessed(odd: str) -> None:
    found = document(page(ARTICLE, f'<meta property="article:published_time" content="{odd}">'))
    assert found.published is None
    assert found.remarks == (f"Its date “{odd}” is not a date.",)


def test_the_date_on_the_newspapers_own_head_is_not_the_articles() -> None:
    body = f"<div class='date'>23 November 2026</div><div>{ARTICLE}</div><time>2026-11-23</time>"
    assert document(page(body)).published is None


def test_the_first_of_several_sources_wins() -> None:
    both = (
        linked({"@type": "NewsArticle", "headline": "From JSON-LD", "datePublished": "2021-11-30"})
        + '<meta property="og:title" content="From Open Graph"><meta name="date" content="2020-01-01">'
    )
    found = document(page(ARTICLE, both))
    assert (found.title, found.published) == ("From JSON-LD", "2021-11-30")
    assert document(page(ARTICLE, '<meta property="og:title" content="Open">')).title == "Open"
    assert document(page(ARTICLE, "<title>Page | Site</title>")).title == "Mud"


@pytest.mark.parametrize(
    ("href", "expected"),
    [
        ("https://gazette.example/mud", "https://gazette.example/mud"),
        ("/mud?id=1#top", "https://site.example/mud?id=1"),
        ("//gazette.example/mud", "https://gazette.example/mud"),
        ("javascript:alert(1)", "https://site.example/a/b"),
        ("file:///etc/passwd", "https://site.example/a/b"),
        ("data:text/html,x", "https://site.example/a/b"),
        ("http://[broken", "https://site.example/a/b"),
        ("https://site.example/", "https://site.example/a/b"),
        ("", "https://site.example/a/b"),
    ],
)
def test_the_canonical_address_is_of_the_web_and_whole(href: str, expected: str) -> None:
    html = page(ARTICLE, f'<link rel="canonical" href="{href}">')
    assert document(html, url="https://site.example/a/b").url == expected


def test_a_relative_address_without_a_base_is_none() -> None:
    assert document(page(ARTICLE, '<link rel="canonical" href="/mud">')).url is None


@pytest.mark.parametrize(
    ("lang", "expected"),
    [
        (' lang="de-AT"', "de"),
        (' xml:lang="et"', "et"),
        (' lang="x"', None),
        (' lang="zxx"', None),
        ("", None),
    ],
)
def test_the_language_is_what_the_page_declares(lang: str, expected: str | None) -> None:
    assert document(page(ARTICLE, lang=lang)).language == expected


def test_english_that_only_a_template_declared_is_checked() -> None:
    html = (RUSSIAN_PAGE % "").replace("<html>", '<html lang="en">')
    assert document(html).language == "ru"


def test_the_title_is_not_repeated_in_the_body() -> None:
    found = document(
        page(f"<article><h1>Mud, and what it cost</h1>{paragraphs(HARBOUR, COST)}</article>")
    )
    assert found.title == "Mud, and what it cost"
    assert found.body == f"{HARBOUR}\n\n{COST}"


@pytest.mark.parametrize(
    ("html", "why"),
    [
        ("", "without any text"),
        ("<html></html>", "holds no article"),
        (page("<div id='root'></div><script src='app.js'></script>"), "JavaScript"),
        (page("<p>You need to enable JavaScript to run this app.</p>"), "JavaScript"),
        (page(NAVIGATION + COOKIE_BAR), "cookies|holds no article"),
        (page(COOKIE_BAR.replace("cookie-banner", "a").replace("cookie-consent", "b") * 2), "cookies|holds no"),
        (page("<h1>Just a moment...</h1><p>Verify you are human to go on.</p>", "<title>Just a moment</title>"), "robot"),
        (page("<h1>404</h1><p>Nothing is here, sorry about that.</p>", "<title>Page not found</title>"), "no such page"),
        (page(f"<article><h1>Mud</h1><p>{HARBOUR}</p><p>Subscribe to read the whole story.</p></article>"), "paid"),
        (
            page(
                f"<article><h1>Mud</h1><p>{HARBOUR}</p></article>",
                linked({"@type": "NewsArticle", "isAccessibleForFree": False}),
            ),
            "paid",
        ),
    ],
)  # fmt: skip
def test_a_page_without_an_article_says_so(html: str, why: str) -> None:
    with pytest.raises(UnreadableSource, match=why):
        document(html)


def test_a_short_notice_is_an_article() -> None:
    notice = (
        "The ferry to Saarn left forty minutes late on Friday after a rope had caught in its screw."
    )
    body = f"{COOKIE_BAR}{NAVIGATION}<article><h1>Ferry late</h1><p>{notice}</p></article>{FOOTER}"
    assert document(page(body)).body == notice


def test_the_text_for_search_engines_is_used_where_there_is_no_other() -> None:
    text = f"{HARBOUR}\n{COST}\n{FERRY}"
    data = {"@type": "NewsArticle", "headline": "Mud", "articleBody": text}
    found = document(page("<div id='app'></div><script src='x.js'></script>", linked(data)))
    assert found.body == f"{HARBOUR}\n\n{COST}\n\n{FERRY}"
    assert "search engines" in found.remarks[0]


def test_a_paid_article_that_is_there_is_kept_with_a_remark() -> None:
    data = {"@type": "NewsArticle", "isAccessibleForFree": "False"}
    body = f"<article>{paragraphs(HARBOUR, NOBODY, COST, FERRY, HARBOUR, COST)}</article>"
    assert "subscribers" in document(page(body, linked(data))).remarks[0]


def test_nothing_hidden_forged_or_scripted_gets_into_the_article() -> None:
    evil = (
        "<script>EVIL</script><!-- page 4 --><style>EVIL</style><p hidden>EVIL EVIL EVIL</p><div "
        "style='display:none'><p>EVIL words that nobody sees on this page, however long.</p></div>"
        "<template>EVIL</template><noscript>EVIL</noscript>\x00"
    )
    html = page(
        f"<article><h1>Mud</h1>{evil.join(f'<p>{text}</p>' for text in (HARBOUR, COST, FERRY))}</article>"
    )
    assert document(html).body == "\n\n".join([HARBOUR, COST, FERRY])


@pytest.mark.parametrize(
    "data",
    [
        '{"@type": "NewsArticle", "headline": ', "[" * 100_000, "null", "[[[1]]]", '"text"',
        '{"@type": "NewsArticle", "headline": {"a": 1}, "author": 7, "publisher": [null], "datePublished": []}',
        '<!-- {"@type": "NewsArticle", "author": "https://example.org/me"} -->', "\0\ud800",
    ],
)  # fmt: skip
def test_odd_linked_data_is_passed_over(data: str) -> None:
    html = page(ARTICLE, f'<script type="application/ld+json">{data}</script>')
    found = document(html.encode("utf-8", "replace"))
    assert found.title == "Mud"
    assert (found.authors, found.publisher, found.published) == ((), None, None)


@pytest.mark.slow
def test_a_page_of_20_megabytes_is_read_whole_and_in_time() -> None:
    html = page(
        "<nav><p>Sport section</p></nav>"
        + "".join(f"<p>{n}. {HARBOUR}</p>" for n in range(140_000))
    )
    assert len(html) > 20_000_000
    with at_most(60):
        found = document(html)
    assert found.body.count(HARBOUR) == 140_000
    assert "Sport section" not in found.body
    assert "so large" in found.remarks[0]


@pytest.mark.parametrize(
    "piece",
    ["<img>x ", "<script>a</script>y ", "<p hidden>a</p>z ", "<p>ab cd</p>", "<nav>a</nav>b "],
)
def test_time_grows_with_the_length_of_the_page(piece: str) -> None:
    def prepare(length: int) -> Callable[[], object]:
        html = page(f"{paragraphs(HARBOUR)}<div>" + piece * (length // len(piece)))
        return lambda: document(html)

    assert_linear(prepare, 400_000, 1_600_000)


def test_tags_nested_10_000_deep_end_in_a_document_or_a_reason() -> None:
    assert document(page("<div>" * 10_000 + ARTICLE)).body == "\n\n".join([HARBOUR, COST, FERRY])
    with pytest.raises(UnreadableSource, match="deep"):
        document(page("<blockquote>" * 10_000 + ARTICLE))


@pytest.mark.parametrize("cut", [10, 100, 500, 1500, 2500, 3000])
def test_a_truncated_page_gives_what_it_has_or_a_reason(cut: int) -> None:
    assert "EVIL" not in body_or_reason(NEWS.encode()[:cut])


def test_the_process_that_converts_gives_the_same() -> None:
    source = Source("page.html", NEWS.encode(), url="https://gazette.example/x")
    with Converter() as converter:
        (found,) = converter.convert(source)
    assert found == next(iter(read(source)))


PIECES = st.sampled_from(
    ["<article>", "</article>", "<div>", "</div>", f"<p>{HARBOUR}</p>", f"<p>{COST}", "<h1>Mud</h1>", "<h2>",
     "<ul><li>", "<table><tr><td>", "</table>", "<blockquote>", "<script>EVIL</script>", "<style>EVIL</style>",
     "<!-- EVIL -->", "<p hidden>EVIL</p>", "<nav>", "</nav>", "<aside>", "<main>", "<title>T</title>",
     '<meta property="og:title" content="x">', '<meta name="date" content="yesterday">', '<html lang="et">',
     '<link rel="canonical" href="//[">', '<base href="http://[">', '<time datetime="2021-13-13">', "<pre>",
     '<script type="application/ld+json">{"@type": "Article", "author": [[{}]]}</script>', "\0", "&#0;", "<b",
     "<form>", "<br><br>", "<header>", "<q>", "<svg>", "<p class=date>3 May 2021", "<meta charset=utf-16>"]
)  # fmt: skip


def body_or_reason(data: bytes) -> str:
    """What the reader gets: the article's text, or why there is none."""
    try:
        return document(data).body
    except UnreadableSource as error:
        return str(error)


@settings(max_examples=60)
@given(st.lists(PIECES | st.text(max_size=8), max_size=30))
def test_any_page_gives_a_document_or_a_reason(pieces: list[str]) -> None:
    told = body_or_reason("".join(pieces).encode("utf-8", "replace"))
    assert told.strip()
    assert "EVIL" not in told


@settings(max_examples=60)
@given(st.binary(max_size=300))
def test_any_bytes_give_a_document_or_a_reason(data: bytes) -> None:
    assert body_or_reason(data).strip()
