"""HTML fragments → Markdown with the same words."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.article import Span
from ingest.convert.markup import html_to_markdown
from ingest.errors import UnreadableSource
from ingest.locator import Locators
from ingest.read import decode_article
from ingest.split import split
from tests.clock import assert_linear, at_most


def test_headings_lists_tables_and_quotes_survive() -> None:
    html = """
      <h1>Tides</h1><p>The moon <b>pulls</b>
      the <a href="https://example.org">sea</a>.</p>
      <h3>What to bring</h3>
      <ul><li>Boots<li>A watch<ul><li>that runs</ul></ul>
      <ol start="3"><li>Third<li>Fourth</ol>
      <blockquote><p>He who waits,</p><p>waits twice.</p></blockquote>
      <table><caption>Depths</caption><tr><th>Harbour<th>1975</tr><tr><td>Kallo<td>7.5 | 8</table>
    """
    assert html_to_markdown(html) == (
        "# Tides\n\nThe moon pulls the sea.\n\n### What to bring\n\n"
        "- Boots\n- A watch\n\n  - that runs\n\n3. Third\n4. Fourth\n\n"
        "> He who waits,\n\n> waits twice.\n\n"
        "Depths\n\n| Harbour | 1975 |\n| --- | --- |\n| Kallo | 7.5 \\| 8 |"
    )


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("<p>a<b>b</b>c <i>d</i> e</p>", "abc d e"),
        ("<p>“Yes…” – it’s ‘so’,\u00a0he said</p>", "“Yes…” – it’s ‘so’,\u00a0he said"),
        ("<p>cafe\u0301 \ufb01n ½ ™</p>", "cafe\u0301 \ufb01n ½ ™"),
        ("<p>10<sup>6</sup> of CO<sub>2</sub>, the 4<sup>th</sup></p>", "10⁶ of CO2, the 4th"),
        ("<p>as said<sup>[1]</sup></p>", "as said[1]"),
        ("<p>Hafen&shy;becken, a\u200bb<wbr>c</p>", "Hafenbecken, a\u200bbc"),
        ("<p>one<br>line</p>", "one line"),
        ("one<br><br>two<br/><br/>three", "one\n\ntwo\n\nthree"),
        ("<p>It is <s>dead</s> alive</p>", "It is ~~dead~~ alive"),
        ("<p><s>Never</s> again</p>", "~~Never~~ again"),
        ("<p><q>Why?</q></p>", "“Why?”"),
        ("<div>one<p>two</p>three</div>", "one\n\ntwo\n\nthree"),
        ("<pre>Roses\n  are red\n\nViolets</pre>", "Roses\nare red\n\nViolets"),
        ("<pre><code>x = 1\n  y</code></pre>", "```\nx = 1\n  y\n```"),
        ("<dl><dt>Ebb</dt><dd>It falls.</dd></dl>", "Ebb\n\nIt falls."),
        ("<p>&amp;lt; &#8364; &nbsp;</p>", "&lt; € \u00a0"),
        ("<table><tr><td>Only</td></tr><tr><td>layout</td></tr></table>", "Only\n\nlayout"),
        ("<table><tr><td><p>a<p>b<td>c</table>", "a\n\nb\n\nc"),
        ("<table><tr><td>a<td rowspan=2>b<tr><td>c</table>", "| a | b |\n| --- | --- |\n| c |  |"),
        ("", ""),
        ("   \n ", ""),
        ("just words", "just words"),
    ],
)
def test_words_are_kept_as_a_browser_shows_them(html: str, markdown: str) -> None:
    assert html_to_markdown(html) == markdown


@pytest.mark.parametrize(
    "hidden",
    [
        "<script>EVIL</script>", "<style>EVIL</style>", "<!-- EVIL -->", "<template>EVIL</template>",
        "<noscript>EVIL</noscript>", "<p hidden>EVIL</p>", "<div style='color:red; display : none'>EVIL</div>",
        "<p style='visibility:hidden'>EVIL</p>", "<span class='x sr-only'>EVIL</span>", "<img alt='EVIL'>",
        "<textarea>EVIL</textarea>", "<select><option>EVIL</select>", "<button>EVIL</button>", "<svg><text>EVIL</text></svg>",
        "<iframe src='x'>EVIL</iframe>", "<object>EVIL</object>", "<title>EVIL</title>", "<?php EVIL ?>",
        "<script>EVIL", "<style>EVIL", "<!-- EVIL", "<script type='application/ld+json'>{\"a\": \"EVIL\"}</script>",
        "<div hidden><div><p>EVIL</p></div></div>", "<input value='EVIL'>", "<a title='EVIL' href='EVIL'></a>",
    ],
)  # fmt: skip
def test_what_is_not_shown_is_not_written(hidden: str) -> None:
    assert html_to_markdown(f"<p>Before.</p>{hidden}").strip() == "Before."


def test_hidden_elements_do_not_glue_words_together() -> None:
    assert (
        html_to_markdown("one<div hidden>x</div>two <span hidden>x</span>three")
        == "one\n\ntwo three"
    )


@pytest.mark.parametrize(
    "html",
    [
        "<!-- page 4 --><p>Text.</p>", "<p>&lt;!-- page 4 --&gt;</p><p>Text.</p>",
        "<pre>&lt;!-- page 4 --&gt;\nText.</pre>", "<pre><code>&lt;!-- page 4 --&gt;\nText.</code></pre>",
        "<ul><li>&lt;!-- time 0:00:01 --&gt;</ul>Text.", "<h2>&lt;!-- page 4 --&gt;</h2>Text.",
        "<p>a<br>&lt;!-- page 4 --&gt;<br>b</p>Text.", "<pre>a\r&lt;!-- page 4 --&gt;\u2028&lt;!-- page 4 --&gt;\nText.",
        "<table><tr><td>&lt;!-- page 4 --&gt;<td>x</table>Text.",
    ],
)  # fmt: skip
def test_no_page_can_be_forged(html: str) -> None:
    text = html_to_markdown(html)
    assert "Text." in text
    assert Locators(text).of(Span(len(text) - 1, len(text))) is None


@pytest.mark.parametrize(
    "text",
    [
        "# not a heading", "    four spaces", "<b>not bold</b>", "```", "~~~ no fence", "---", "===",
        "1984. It was a year.", "[1]: https://example.org", "| no | table |", "* star", "+ plus", "- dash",
    ],
)  # fmt: skip
def test_every_word_of_a_paragraph_can_be_quoted(text: str) -> None:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;")
    markdown = html_to_markdown(f"<p>First.</p><p>{escaped}</p><p>Last.</p>")
    article = decode_article("a.md", markdown.encode())
    quoted = " ".join(passage.text for passage in split(article))
    words = re.findall(r"\w+", text)
    assert [word for word in words if word not in quoted] == []


def test_tags_nested_10_000_deep_cost_no_words() -> None:
    deep = "<div>" * 10_000 + "<p>The words.</p>" + "</div>" * 10_000
    assert html_to_markdown(deep + "<p>After.</p>") == "The words.\n\nAfter."
    assert html_to_markdown("<b><font>" * 5_000 + "words") == "words"


@pytest.mark.parametrize("tag", ["ul><li", "blockquote", "h1><ul", "q"])
def test_lists_nested_10_000_deep_are_declined(tag: str) -> None:
    with pytest.raises(UnreadableSource, match="deep"):
        html_to_markdown(f"<{tag}>" * 10_000 + "words")


def test_lists_nested_deeper_than_markdown_can_keep_their_words() -> None:
    markdown = html_to_markdown("".join(f"<ul><li>item{n}" for n in range(60)))
    article = decode_article("a.md", markdown.encode())
    quoted = " ".join(passage.text for passage in split(article))
    assert all(f"item{n}" in quoted for n in range(60))


def test_a_tag_with_100_000_attributes_is_declined_at_once() -> None:
    with at_most(5), pytest.raises(UnreadableSource, match="attributes"):
        html_to_markdown("<p " + " ".join(f"a{n}=b" for n in range(100_000)) + ">x")


def test_a_long_table_of_numbers_in_a_script_is_no_reason_to_decline() -> None:
    script = "<script>for(i=0; i<n; i++) {} x = [" + "1, " * 5_000 + "]</script>"
    assert html_to_markdown(script + "<p>Text</p>") == "Text"


def test_a_long_data_address_is_no_reason_to_decline() -> None:
    assert html_to_markdown(
        f'<p>Text <img src="data:image/png;base64,{"A" * 200_000}">here</p>'
    ) == ("Text here")


@pytest.mark.parametrize(
    "piece",
    ["<p>a</p>", "<", "<!--", "<![CDATA[", "&amp;", "&", "<script>", "<a b='", "<br>", "| ", "\n---\n",
     "<td>a", "<table><tr><td>x</table>", "<sup>1</sup>", "`", " ", "<!DOCTYPE a [<!ENTITY b 'c'>]>"],
)  # fmt: skip
def test_time_grows_with_the_length(piece: str) -> None:
    def prepare(length: int) -> Callable[[], object]:
        html = "<div>" + piece * (length // len(piece))
        return lambda: html_to_markdown(html)

    assert_linear(prepare, 200_000, 800_000)


def test_entities_of_a_document_type_are_not_expanded() -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "EVIL"><!ENTITY b "&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/passwd">]>'
    markdown = html_to_markdown(bomb + "<p>text &b; &c;</p>")
    assert "root:" not in markdown
    assert markdown.count("EVIL") <= 1


# What is hidden begins with > so that a tag that has no end, <b, does not take it for a name.
PIECES = st.sampled_from(
    ["<p>", "</p>", "<div hidden>", "</div>", "<ul><li>", "</ul>", "<ol start=5>", "<li value=7>", "<table>",
     "<tr>", "<td colspan=3>", "<td rowspan=9>", "<th>", "</table>", "<blockquote>", "</blockquote>", "<pre>",
     "<code>", "</pre>", "<h2>", "</h2>", "<br>", "<sup>2</sup>", "<q>", "<s>", "><script>EVIL</script>",
     "><style>EVIL</style>", "<!-- EVIL -->", "words here. ", "&lt;!-- page 3 --&gt;", "\x00", "\ufeff", "\r\n",
     "\u2028", "👩‍👩‍👧‍👦", "שלום", "<b", "&#0;", "&#xd800;", "]]>", "<caption>", "<hr>", "<svg>", "<math>",
     "<html lang=en>", "<body style='display:none'>", "<frameset>", "<p class='sr-only'>"]
)  # fmt: skip


@given(st.lists(PIECES | st.text(max_size=8), max_size=40))
def test_any_soup_becomes_text_without_what_is_hidden(pieces: list[str]) -> None:
    markdown = html_to_markdown("".join(pieces))
    assert "EVIL" not in markdown
    assert "\0" not in markdown
    assert not re.search(r"^<!--", markdown, re.MULTILINE)
    markdown.encode()
