"""web/render.py, reply.py, text.py, reading.py, query.py: pure functions, no server."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from serving import ATTACKS, HOSTILE

from answer.answer import (
    Answer,
    Citation,
    Coverage,
    Difference,
    Reading,
    Source,
    SourceArticle,
    Statement,
)
from answer.export.original import web_address
from answer.judge import Finding
from index.search import Filters, Hit
from ingest.article import Article, Passage, Span
from ingest.errors import BadQuestion, BadRecord, BadSetting
from ingest.read import decode_article
from web import render, reply
from web.query import (
    article_from,
    filters_from,
    name_from,
    passages_from,
    previous_from,
    question_from,
)
from web.reading import blocks
from web.text import day, escaped

CORPUS = Coverage(2, 9, "2014-07-12", "2021-12-10")


class Parsed(HTMLParser):
    """The tags, attributes and text that a browser would see."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.classes: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.marked: dict[str, list[str]] = {"cited": [], "also": []}
        self._mark: str | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        self.classes += str(dict(attrs).get("class", "")).split()
        if tag == "mark":
            self._mark = str(dict(attrs)["class"])

    def handle_endtag(self, tag: str) -> None:
        self._mark = None if tag == "mark" else self._mark

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._mark:
            self.marked[self._mark].append(data)


REPLY_TAGS = {"div", "p", "a", "span", "details", "summary", "del", "ins"}
REPLY_ATTRIBUTES = {"class", "dir", "href", "role"}
OUR_LINK = re.compile(
    r"#copy|#cite-[0-9a-f]{16}:\d+-\d+|(?:/api)?/answers/[0-9a-f]{64}(?:/export/[a-z-]+)?"
)


def assert_inert(html: str, said: str) -> None:
    """A reply of our own tags, attributes and links only, in which `said` reads as written."""
    parsed = Parsed(html)
    assert set(parsed.tags) <= REPLY_TAGS
    assert {name for name, _ in parsed.attributes} <= REPLY_ATTRIBUTES
    assert all(OUR_LINK.fullmatch(str(link)) for name, link in parsed.attributes if name == "href")
    assert " ".join(said.split()) in parsed.text


def article(text: str, path: str = "a.md") -> Article:
    return decode_article(path, text.encode("utf-8"))


def cited(source: Article, span: Span, number: int, claim: Span) -> Citation:
    return Citation(
        number=number,
        claim=claim,
        article_sha256=source.sha256,
        path=source.path,
        title=source.title,
        publisher=source.publisher,
        published=source.published,
        url=source.url,
        chars=span,
        bytes=source.byte_span(span),
        quote=span.of(source.text),
        prefix="",
        suffix="",
    )


def answered(source: Article, *spans: Span) -> Answer:
    text, citations, statements = "", [], []
    for number, span in enumerate(spans, 1):
        start = len(text)
        text += span.of(source.text)
        claim = Span(start, len(text))
        citations.append(cited(source, span, number, claim))
        statements.append(Statement(claim, (number,), "exact"))
        text += f" [{number}] "
    return Answer(
        "Q?", text.strip(), tuple(citations), (), "answered", 0.9, CORPUS, tuple(statements)
    )


TIDES = article("# Tides\n\nThe moon pulls. The sun pulls less.\n\n## Why\n\n- Mass\n- Distance\n")
MOON, SUN = Span(9, 24), Span(25, 44)


def test_escaped_text_reads_as_it_was_written() -> None:
    for attack in ATTACKS:
        assert unescape(escaped(attack)) == attack


@given(st.text())
@example("".join(ATTACKS))
@example("&#x27; <!-- ]]> `` $$ {{{x}}} \\( \\) https://x")
def test_escaped_text_holds_nothing_that_html_markdown_or_templates_act_on(text: str) -> None:
    rest = re.sub(r"&#\d+;", "", escaped(text))
    assert not set(rest) & set("&<>\"'\\`*_{}[]()#+!|~$:@^=\r\n\t")
    assert Parsed(f"<p>{escaped(text)}</p>").tags == ["p"]


def test_every_sentence_of_an_answer_is_followed_by_its_citation() -> None:
    html = reply.answer_html(answered(TIDES, MOON, SUN))
    place = f"{TIDES.sha256[:16]}:{MOON.start}-{MOON.end}"
    assert f'The moon pulls.<a class="cite" href="#cite-{place}">1</a>' in html
    assert Parsed(html).text.startswith("The moon pulls.1The sun pulls less.2Sources")


def test_an_arriving_answer_shows_its_first_sentences_and_no_sources() -> None:
    html = reply.answer_html(answered(TIDES, MOON, SUN), 1)
    assert "The moon pulls." in html
    assert "The sun" not in html
    assert "Sources" not in html


def test_an_article_cited_twice_is_one_source_with_both_numbers() -> None:
    parsed = Parsed(reply.answer_html(answered(TIDES, MOON, SUN)))
    assert parsed.text.count("Tides") == 1
    assert "1 2Tides" in parsed.text


def test_two_citations_of_one_claim_stand_side_by_side() -> None:
    one = cited(TIDES, MOON, 1, Span(0, 15))
    two = cited(TIDES, SUN, 2, Span(0, 15))
    both = (Statement(Span(0, 15), (1, 2), "exact"),)
    answer = Answer("Q?", "The moon pulls. [1] [2]", (one, two), (), "answered", 1.0, CORPUS, both)
    assert Parsed(reply.answer_html(answer)).text.startswith("The moon pulls.12Sources")


def test_an_unanswered_question_shows_the_message_and_the_nearest_passages_as_such() -> None:
    hit = Hit(Passage.cut(TIDES, MOON), 0.2, 1, None)
    answer = Answer("Q?", "Not in this corpus.", (), (hit,), "not_in_corpus", 0.0, CORPUS)
    parsed = Parsed(reply.answer_html(answer))
    assert parsed.text.startswith("Not in this corpus.Nearest passages, which do not answer it")
    assert ("href", f"#cite-{hit.passage.id}") in parsed.attributes


RECORD = "ab" * 32


def of_a_model(text: str, *verdicts: tuple[str, tuple[Finding, ...]]) -> Answer:
    """One sentence for each verdict; the first cites a place, the others nothing."""
    source = cited(TIDES, MOON, 1, Span(0, len(text)))
    statements = tuple(
        Statement(Span(0, len(text)), (1,) if n == 0 else (), verdict, findings)  # type: ignore[arg-type]
        for n, (verdict, findings) in enumerate(verdicts)
    )
    answer = Answer(
        "Q?", text, (source,), (), "answered", 0.9, CORPUS, statements, 0.5, 1.0, "tiny"
    )
    return replace(answer, record=RECORD)


def test_a_models_sentence_says_how_well_its_citations_support_it() -> None:
    wrong = Finding("figure", "91", False, "19")
    right = Finding("name", "Kallo", True)
    html = reply.answer_html(of_a_model("91 died.", ("supported", (right,)), ("unsupported", ())))
    assert Parsed(html).text.startswith("91 died.1supported91 died.no passage supports it")
    assert html.count('class="cite"') == 1
    weak = Parsed(reply.answer_html(of_a_model("91 died.", ("unsupported", (wrong,)))))
    assert "not supported by what it cites“91” stands there as “19”" in weak.text
    partly = Parsed(reply.answer_html(of_a_model("91 died.", ("partly", (wrong,)))))
    assert "partly supported“91” stands there as “19”" in partly.text
    assert "Written by tiny. Citation recall 50%, precision 100%." in partly.text


def test_a_quotation_needs_no_verdict_beside_it() -> None:
    assert "verdict" not in Parsed(reply.answer_html(answered(TIDES, MOON, SUN))).classes


def test_what_was_searched_and_why_a_writer_stepped_in_are_said_first() -> None:
    answer = replace(answered(TIDES, MOON), searched="When was it deepened?", note="It is down.")
    assert Parsed(reply.answer_html(answer)).text.startswith(
        "Searched: When was it deepened?It is down.The moon pulls.1"
    )


def test_readings_that_differ_are_linked_to_the_words_that_they_are_of() -> None:
    readings = (Reading("at least 30", 1, "Gazette", "2019"), Reading("19", 2, None, None))
    answer = replace(answered(TIDES, MOON, SUN), differences=(Difference("How many?", readings),))
    html = reply.answer_html(answer)
    assert "“at least 30”1Gazette · 2019“19”2undated" in Parsed(html).text
    assert html.count(f'href="#cite-{answer.citations[1].id}"') == 2


def test_a_speaker_is_named_once_for_all_that_is_cited_from_an_article() -> None:
    answer = answered(TIDES, MOON, SUN)
    said = [replace(c, speaker="Ada", direct=c.number == 3) for c in answer.citations]
    text = Parsed(reply.answer_html(replace(answer, citations=tuple(said)))).text
    assert "[1, 2] Ada, as reported in Tides" in text
    quoted = [replace(c, direct=True, publisher="Gazette") for c in said]
    text = Parsed(reply.answer_html(replace(answer, citations=tuple(quoted)))).text
    assert "[1, 2] Ada, quoted in Gazette" in text


def test_copies_stand_under_the_source_that_they_are_of() -> None:
    other = article("# Mills\n\nThe mill grinds.\n", "b.md")
    one, two = answered(TIDES, MOON), cited(other, Span(9, 25), 2, Span(0, 3))
    copy = SourceArticle("c" * 64, "c.md", "Tides again", "Wire", "2020")
    sources = (
        Source((SourceArticle(TIDES.sha256, "a.md", "Tides", None, None), copy), (1,)),
        Source((SourceArticle(other.sha256, "b.md", "Mills", None, None),), (2,)),
    )
    answer = replace(one, citations=(*one.citations, two), sources=sources)
    text = Parsed(reply.answer_html(answer)).text
    assert (
        "Sources: 3 articles, 2 independent sources1TidesThe same story: Tides again, Wire" in text
    )
    assert text.index("Tides again") < text.index("2Mills")


def test_dates_of_publication_are_told_where_they_differ() -> None:
    answer = answered(TIDES, MOON, SUN)
    dated = [
        replace(c, published=when, article_sha256=sha * 64)
        for c, when, sha in zip(answer.citations, ("2021-05", "2019"), "ab", strict=True)
    ]
    text = Parsed(reply.answer_html(replace(answer, citations=tuple(dated)))).text
    assert "Published2019 [2]May 2021 [1]" in text
    assert "Published" not in Parsed(reply.answer_html(answer)).text


def test_a_kept_answer_has_a_permalink_and_every_export() -> None:
    links = dict.fromkeys(
        link
        for name, link in Parsed(
            reply.answer_html(replace(answered(TIDES, MOON), record=RECORD))
        ).attributes
        if name == "href" and str(link).startswith("/")
    )
    styles = ("markdown", "text", "bibtex", "csl-json", "ris", "annotation", "record")
    exports = [f"/api/answers/{RECORD}/export/{style}" for style in styles]
    assert list(links) == [f"/answers/{RECORD}", *exports]
    assert "/answers/" not in reply.answer_html(answered(TIDES, MOON))


def test_what_a_model_has_written_so_far_is_called_unchecked_and_stays_so_when_it_is_stopped() -> (
    None
):
    arriving = reply.arriving_html("It sank in [1.1]")
    assert "are checked when it has ended" in Parsed(arriving).text
    assert "claim" not in Parsed(arriving).classes
    assert "were not checked" in Parsed(reply.cut_off(arriving)).text
    assert reply.cut_off(reply.answer_html(answered(TIDES, MOON))) == reply.answer_html(
        answered(TIDES, MOON)
    )


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_in_an_answer_acts_whoever_wrote_it(attack: str) -> None:
    finding = Finding("name", attack, False, attack)
    answer = of_a_model(attack, ("unsupported", (finding,)), ("supported", ()))
    spoken = replace(answer.citations[0], speaker=attack, publisher=attack, title=attack)
    copy = SourceArticle("c" * 64, attack, attack, attack, attack)
    answer = replace(
        answer,
        citations=(replace(spoken, published=attack),),
        searched=attack,
        note=attack,
        writer=attack,
        sources=(Source((copy,), (1,)),),
        differences=(Difference(attack, (Reading(attack, 1, attack, attack),)),),
    )
    assert_inert(reply.answer_html(answer), attack)
    assert_inert(reply.answer_html(replace(answer, outcome="not_in_corpus")), attack)
    assert_inert(reply.arriving_html(attack), attack)


def test_a_hostile_article_adds_no_tag_and_no_attribute_to_its_answer() -> None:
    source = article(HOSTILE)
    spans = [Span(found.start(), found.end()) for found in re.finditer("The sab.*", source.text)]
    parsed = Parsed(reply.answer_html(answered(source, *spans[:4])))
    assert set(parsed.tags) <= {"div", "p", "a", "span"}
    assert {name for name, _ in parsed.attributes} <= {"class", "dir", "href"}
    assert all(attack in parsed.text for attack in ATTACKS[:4])


def test_a_hostile_article_adds_no_tag_and_no_link_to_the_evidence() -> None:
    source = article(HOSTILE)
    parsed = Parsed(render.evidence_html(source, Span(source.body.start, source.body.start + 20)))
    allowed = {"article", "header", "button", "p", "h2", "span", "div", "mark"}
    assert set(parsed.tags) <= allowed
    assert "href" not in dict(parsed.attributes)
    assert all(attack in parsed.text for attack in ATTACKS)
    assert parsed.marked["cited"] == [source.text[source.body.start :][:20]]


def test_the_evidence_names_the_answers_that_cite_it_and_nothing_in_their_questions_acts() -> None:
    kept = [(RECORD, attack, "") for attack in ATTACKS]
    parsed = Parsed(render.evidence_html(TIDES, MOON, answers=kept))
    assert "Answers that cite it" in parsed.text
    assert all(" ".join(attack.split()) in parsed.text for attack in ATTACKS)
    assert set(parsed.tags) <= {
        "article", "header", "button", "p", "h2", "h3", "span", "div", "mark", "ul", "li", "a",
    }  # fmt: skip
    assert {link for name, link in parsed.attributes if name == "href"} == {f"/answers/{RECORD}"}


def test_what_a_change_did_to_an_answer_stands_beside_it() -> None:
    kept = [(RECORD, "How deep?", "altered")]
    assert "How deep? · altered" in Parsed(render.evidence_html(TIDES, MOON, answers=kept)).text


def test_a_version_that_the_corpus_no_longer_has_says_so() -> None:
    assert "no longer" in Parsed(render.evidence_html(TIDES, MOON, current=False)).text
    assert "no longer" not in Parsed(render.evidence_html(TIDES, MOON)).text


def test_the_evidence_marks_exactly_the_cited_words_and_others_lightly() -> None:
    parsed = Parsed(render.evidence_html(TIDES, MOON, [MOON, SUN]))
    assert parsed.marked == {"cited": ["The moon pulls."], "also": ["The sun pulls less."]}


def test_a_citation_across_paragraphs_is_marked_in_each_of_them() -> None:
    start, end = TIDES.text.index("less"), TIDES.text.index("Mass") + 4
    marked = Parsed(render.evidence_html(TIDES, Span(start, end))).marked["cited"]
    assert marked == ["less.", "Why", "Mass"]


@given(st.text(alphabet="a. \n\r#->`é🙂|*", min_size=1), st.data())
def test_what_is_marked_is_what_is_cited(text: str, data: st.DataObject) -> None:
    source = article("T\n\nword " + text + "\n", "a.txt")
    start = data.draw(st.integers(source.body.start, len(source.text) - 1))
    end = data.draw(st.integers(start + 1, len(source.text)))
    marked = "".join(Parsed(render.evidence_html(source, Span(start, end))).marked["cited"])
    assert marked.split() == source.text[start:end].split() or "".join(marked.split()) == "".join(
        source.text[start:end].split()
    )


def test_headings_items_quotations_and_code_are_told_apart() -> None:
    text = "# T\n\nOne\nline.\n\n> said\n> so\n\n1. first\n2. second\n\n```\ncode  x\n```\n\n***\n"
    source = article(text)
    found = [(block.kind, [line.of(text) for line in block.lines]) for block in blocks(source)]
    assert found == [
        ("heading", ["T"]),
        ("paragraph", ["One", "line."]),
        ("quote", ["said", "so"]),
        ("item", ["first"]),
        ("item", ["second"]),
        ("code", ["code  x"]),
        ("rule", ["***"]),
    ]


def test_a_plain_text_keeps_its_marks() -> None:
    source = article("Title\n\n# not a heading\n", "a.txt")
    assert [block.kind for block in blocks(source)] == ["paragraph"]


def test_part_of_an_article_has_the_blocks_of_the_whole() -> None:
    text = "# T\n\nOne.\n\n```\ncode\n# code\n```\n\n# Two\n\n~~~\n```\nmore\n~~~\nThree.\n"
    source = article(text)
    whole = {line: block.kind for block in blocks(source) for line in block.lines}
    for start in range(source.body.start, len(text)):
        for block in blocks(source, Span(start, len(text))):
            for line in block.lines:
                assert [
                    kind for known, kind in whole.items() if known.overlap(line) == len(line)
                ] == [block.kind]


def test_of_a_very_long_article_the_part_around_the_citation_is_shown_and_the_rest_is_told() -> (
    None
):
    text = "T\n\n" + "word " * 200_000
    source = article(text, "a.txt")
    html = render.evidence_html(source, Span(500_000, 500_010))
    assert len(html) < 100_000
    assert "characters before this are not shown" in html
    assert "characters after this are not shown" in html
    assert Parsed(html).marked["cited"] == [text[500_000:500_010]]


def test_only_web_addresses_become_links() -> None:
    assert web_address("https://example.org/a?b=1#c") == "https://example.org/a?b=1#c"
    for url in (
        "javascript:alert(1)",
        "data:text/html,x",
        "ftp://example.org",
        "https://",
        "//example.org",
        "https://exa mple.org",
        "java\nscript:alert(1)",
        "https://[::1",
        "https:\\\\example.org",
        "",
        None,
    ):
        assert web_address(url) is None, url


def test_the_link_to_the_publisher_tells_it_nothing_about_this_page() -> None:
    source = article("---\ntitle: T\nurl: https://example.org/a\n---\nWords.\n")
    html = render.evidence_html(source, Span(source.body.start, source.body.start + 5))
    assert 'rel="noopener noreferrer"' in html
    assert "example.org ↗" in html


def test_dates_are_written_as_readers_write_them() -> None:
    assert day("2021-11-03") == "3 November 2021"
    assert day("2021-11") == "November 2021"
    assert day("2021") == "2021"
    assert day("2021-13") == "2021-13"
    assert day(None) == ""


def test_the_head_says_what_the_corpus_holds() -> None:
    holds = Parsed(render.masthead_html(CORPUS)).text
    assert holds == "Pincite2 articles · 12 July 2014 to 10 December 2021"
    empty = Coverage(0, 0, None, None)
    assert "The corpus is empty" in render.masthead_html(empty)
    assert "reading articles…" in render.masthead_html(empty, reading=True)
    assert "pincite add" in render.welcome_html(empty)


def test_a_question_says_what_it_was_narrowed_to() -> None:
    filters = Filters(publishers=("Gazette",), since="2021-11")
    text = Parsed(render.question_html("Who?", filters)).text
    assert text == "Who?Gazette · from November 2021"


@pytest.mark.parametrize(
    "bad", ["2021-02-31", "yesterday", "2021/11/30", "20211130", "٢٠٢١", 7.5, ["2021"], "2" * 999]
)
def test_a_date_that_is_none_is_refused_by_name(bad: object) -> None:
    with pytest.raises(BadSetting, match=r"From: .* is not a date"):
        filters_from(since=bad)


def test_dates_the_wrong_way_round_are_refused() -> None:
    with pytest.raises(BadSetting, match="wrong way round"):
        filters_from(since="2021-11-02", until="2021-11-01")
    assert filters_from(since="2021-11-02", until="2021-11").until == "2021-11"


def test_filters_left_empty_filter_nothing() -> None:
    assert filters_from(publishers=[], since="", until=" ", languages=None) == Filters()


@pytest.mark.parametrize("bad", [5, {"path": "/etc/passwd"}, [1], ["x" * 501], ["x"] * 101])
def test_publishers_that_are_no_names_are_refused(bad: object) -> None:
    with pytest.raises(BadSetting, match="publishers"):
        filters_from(publishers=bad)


@pytest.mark.parametrize("bad", [None, 3, ["q"], {"path": "/etc/passwd"}])
def test_a_question_that_is_no_text_is_refused(bad: object) -> None:
    with pytest.raises(BadQuestion):
        question_from(bad)


def test_a_question_with_half_a_character_can_still_be_stored() -> None:
    assert question_from(" a\ud800b\0 ").encode("utf-8") == b"a?b"


@pytest.mark.parametrize("bad", [0, 51, True, 2.5, "8"])
def test_a_number_of_passages_that_makes_no_sense_is_refused(bad: object) -> None:
    with pytest.raises(BadSetting, match="1 to 50"):
        passages_from(bad, 8)


@pytest.mark.parametrize(
    "bad", ["", "abc", "ab" * 33, "AB" * 32, "../../etc", "ab" * 4 + "\n", "gg" * 8, "٣" * 8]
)
def test_a_name_that_is_no_hash_is_no_record(bad: str) -> None:
    with pytest.raises(BadRecord):
        name_from(bad)


def test_of_the_questions_before_this_one_the_last_few_are_taken_cut_to_a_length() -> None:
    assert previous_from([f"Q{n}" for n in range(10_000)]) == tuple(
        f"Q{n}" for n in range(9990, 10_000)
    )
    assert previous_from(["a" * 10_000, "b\ud800"]) == ("a" * 2_000, "b?")
    for bad in (None, "Who?", [1], [None], {"a": 1}):
        with pytest.raises(BadSetting, match="list of questions"):
            previous_from(bad)


def test_the_name_of_an_article_can_be_looked_up() -> None:
    assert article_from(None) is None
    assert article_from(" a\ud800\0.md ") == "a? .md"
