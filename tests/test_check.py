from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import SEED, UGLY, OpenIndex
from hypothesis import given, settings
from hypothesis import strategies as st

from answer.check import LONGEST_QUOTE, QuoteCheck, check_quote
from answer.match import is_whole
from answer.match.fold import fold
from answer.place import Place
from answer.review import LONGEST_DRAFT, Reviewed, review
from index.catalog import Catalog
from index.search import Searcher
from ingest.article import Span
from ingest.errors import BadQuestion, PinciteError
from ingest.read import decode_article
from ingest.split import split

MUD = "Two dredgers worked there for nine months, and the mud\nwas taken out to sea."


def assert_lawful(place: Place, catalog: Catalog) -> None:
    article = catalog.article(place.article_sha256)
    assert article is not None
    data = catalog.version(place.article_sha256) or b""
    assert article.text[place.chars.start : place.chars.end] == place.quote
    assert data[place.bytes.start : place.bytes.end] == place.quote.encode()
    assert article.text[: place.chars.start].endswith(place.prefix)
    assert article.text[place.chars.end :].startswith(place.suffix)
    assert article.body.start <= place.chars.start < place.chars.end <= article.body.end


def check(index: OpenIndex, quote: str, article: str | None = None) -> QuoteCheck:
    """The verdict, after what must be true of every verdict."""
    done = check_quote(quote, index.catalog, article=article)
    for place in done.places:
        assert_lawful(place, index.catalog)
    assert bool(done.places) == (done.verdict in ("exact", "same_words", "elsewhere"))
    assert bool(done.nearest) == (done.verdict == "altered")
    assert json.loads(json.dumps(done.to_json())) == done.to_json()
    return done


@pytest.fixture
def two_papers(empty_index: OpenIndex) -> OpenIndex:
    """Five articles, of which two tell the same story, one in other typography."""
    story = "Gull Rock “will never be sold”, the mayor said. The council agreed."
    empty_index.write("2020/rock.txt", f"Gull Rock\n\n{story} Nobody objected to it at all.")
    plain = story.replace("“", '"').replace("”", '"').upper()
    empty_index.write("2022/rock.txt", f"Rock again\n\n{plain} It rained.")
    empty_index.build()
    return empty_index


# ---- the verdicts --------------------------------------------------------------------------------


def test_words_that_stand_as_quoted_are_exact(built_index: OpenIndex) -> None:
    done = check(built_index, MUD)
    assert (done.verdict, done.articles, done.more) == ("exact", 1, False)
    assert [(place.path, place.quote) for place in done.places] == [("2021/harbour.md", MUD)]
    assert done.places[0].publisher == "Coast Gazette"
    assert done.places[0].prefix.endswith("deepened in 1974. ")


@pytest.mark.parametrize(
    "quote",
    [
        "“Two dredgers worked there for nine months, and the mud was taken out to sea.”",
        "TWO DREDGERS  worked there",
        "Mr. Tamm, who ran it for thirty years,\u00a0retired in May",
        "'a ferry leaves for the islands'",
    ],
)
def test_words_in_other_typography_are_the_same_words(built_index: OpenIndex, quote: str) -> None:
    done = check(built_index, quote)
    assert done.verdict == "same_words"
    assert {place.path for place in done.places} == {"2021/harbour.md"}
    assert done.quote in quote


@pytest.mark.parametrize(
    ("quote", "differs"),
    [
        ("Two dredgers worked there for six months, and the mud was taken", ("six", "nine")),
        ("The lighthouse on Saarn has had a keeper since 1998.", ("a", "no")),
        ("Visitors may climb its 152 steps in summer", ("152", "142")),
    ],
)
def test_altered_words_are_shown_beside_those_of_the_article(
    built_index: OpenIndex, quote: str, differs: tuple[str, str]
) -> None:
    done = check(built_index, quote)
    assert done.verdict == "altered"
    assert done.nearest is not None
    replaced = [(c.said, c.found) for c in done.nearest.changes if c.kind != "same"]
    assert replaced == [differs]
    assert set(done.to_json()["nearest"]) == {
        "path", "article_sha256", "title", "publisher", "published", "url", "text", "likeness", "changes",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("quote", "differs"),
    [
        ("5 degrees overnight", ("5", "-5")),
        ("fell to 5 degrees overnight", ("5", "-5")),
        ("200 people were moved that night", ("200", "1\u202f200")),
        ("raised 106 euros in the spring", ("106", "10⁶")),
        ("The harbour at Kallo was closed in 1984", ("1984", "1974")),
    ],
)
def test_an_altered_figure_is_shown_with_all_that_belongs_to_it(
    empty_index: OpenIndex, quote: str, differs: tuple[str, str]
) -> None:
    empty_index.write(
        "a.md",
        "# News\n\n## The harbour at Kallo\n\nThe harbour at Kallo was closed in 1974. Prices fell to -5"
        " degrees overnight. Some 1\u202f200 people were moved that night. They raised 10⁶ euros in the"
        " spring.",
    )
    empty_index.build()
    done = check(empty_index, quote)
    assert done.nearest is not None
    assert [(c.said, c.found) for c in done.nearest.changes if c.kind != "same"] == [differs]


@pytest.mark.parametrize(
    "quote",
    [
        "The zeppelin burnt above the fields of Lakehurst.",
        "zeppelin",
        "it was the first time that they had been there",
        "art",
        "ship in the sky",
    ],
)
def test_words_that_nobody_wrote_are_not_in_the_corpus(built_index: OpenIndex, quote: str) -> None:
    done = check(built_index, quote)
    assert (done.verdict, done.places, done.nearest, done.articles) == (
        "not_in_corpus",
        (),
        None,
        0,
    )


def test_a_word_inside_another_is_not_quoted(built_index: OpenIndex) -> None:
    assert check(built_index, "harbour").verdict == "exact"
    assert check(built_index, "arbour").verdict == "not_in_corpus"
    assert check(built_index, "42 steps").verdict == "not_in_corpus"


@pytest.mark.parametrize(
    "quote",
    [
        "taken out to sea.\n\n## Ferries\n\nA ferry leaves",
        "was taken out to sea. Ferries A ferry leaves for the islands every hour.",
        "watched from the mainland.\n\nVisitors may climb",
        "watched from the mainland. Visitors may climb",
    ],
)
def test_a_quotation_may_cross_paragraphs_and_headings(built_index: OpenIndex, quote: str) -> None:
    assert check(built_index, quote).verdict == ("exact" if "\n" in quote else "same_words")


def test_exact_places_come_before_the_same_words_elsewhere(two_papers: OpenIndex) -> None:
    done = check(two_papers, "will never be sold")
    assert (done.verdict, [place.path for place in done.places]) == ("exact", ["2020/rock.txt"])
    assert check(two_papers, 'GULL ROCK "WILL never').verdict == "same_words"


def test_common_words_give_the_first_places_and_how_many_articles_have_them(
    empty_index: OpenIndex,
) -> None:
    for number in range(12):
        empty_index.write(
            f"{number:02}.txt", f"Title {number}\n\nThe gulls flew over {number} boats."
        )
    empty_index.build()
    done = check(empty_index, "gulls flew")
    assert (done.verdict, done.articles, done.more) == ("exact", 12, False)
    assert [place.path for place in done.places] == [f"{number:02}.txt" for number in range(5)]


# ---- where it is said to come from ---------------------------------------------------------------


def test_a_quotation_is_looked_for_where_it_is_said_to_come_from(two_papers: OpenIndex) -> None:
    quote = "will never be sold"
    assert check(two_papers, quote, "2020/rock.txt").verdict == "exact"
    there = check(two_papers, quote, "2022/rock.txt")
    assert (there.verdict, there.places[0].quote) == ("same_words", "WILL NEVER BE SOLD")
    elsewhere = check(two_papers, quote, "tides.txt")
    assert (elsewhere.verdict, elsewhere.article) == ("elsewhere", "tides.txt")
    assert elsewhere.places[0].path == "2020/rock.txt"


def test_an_article_may_be_named_by_its_sha256(built_index: OpenIndex) -> None:
    sha256 = built_index.catalog.known()["tides.txt"].sha256
    assert check(built_index, "The moon pulls", sha256[:16]).verdict == "exact"
    assert check(built_index, "two dredgers", sha256).verdict == "elsewhere"


def test_altered_words_are_compared_with_the_named_article_first(two_papers: OpenIndex) -> None:
    done = check(two_papers, "Gull Rock will never be leased, the mayor said", "2022/rock.txt")
    assert (done.verdict, done.nearest and done.nearest.path) == ("altered", "2022/rock.txt")


def test_an_unknown_article_is_named_in_the_error(built_index: OpenIndex) -> None:
    with pytest.raises(BadQuestion, match=r"'no/such\.md' is no article"):
        check_quote("The moon", built_index.catalog, article="no/such.md")


def test_a_removed_article_is_not_in_the_corpus(built_index: OpenIndex) -> None:
    sha256 = built_index.catalog.known()["tides.txt"].sha256
    (built_index.corpus / "tides.txt").unlink()
    built_index.build()
    assert check(built_index, "The moon pulls the sea").verdict == "not_in_corpus"
    assert check(built_index, "The moon pulls the sea", sha256).verdict == "exact"


# ---- an ellipsis ---------------------------------------------------------------------------------


@pytest.mark.parametrize("gap", ["…", " ... ", " […] ", "[...]", " . . . "])
def test_the_parts_of_a_quotation_stand_in_order_in_one_article(
    built_index: OpenIndex, gap: str
) -> None:
    done = check(built_index, f"“Two dredgers worked there{gap}taken out to sea.”")
    assert done.verdict == "exact"
    assert done.note is not None
    parts = [(place.part, place.quote) for place in done.places]
    assert parts == [(0, "Two dredgers worked there"), (1, "taken out to sea.")]


def test_parts_may_stand_some_paragraphs_apart_but_not_an_article(empty_index: OpenIndex) -> None:
    rain = "It rained in the town, and the sea was grey.\n\n"
    story = f"Rock\n\nThe mayor of Kallo resigned. {rain * 30}{{}}Nobody in Saarn had asked him to."
    empty_index.write("near.txt", story.format(""))
    empty_index.build()
    quote = "The mayor of Kallo resigned. … Nobody in Saarn had asked him"
    assert check(empty_index, quote).verdict == "exact"
    assert check(empty_index, quote, "near.txt").verdict == "exact"
    empty_index.write("near.txt", story.format(rain * 60))
    empty_index.build()
    assert check(empty_index, quote).verdict == "altered"


def test_parts_in_another_order_are_altered(built_index: OpenIndex) -> None:
    done = check(built_index, "the mud\nwas taken out to sea … Two dredgers worked there")
    assert done.verdict == "altered"
    assert done.note is not None
    assert "not in this order" in done.note


def test_parts_of_different_articles_are_altered(built_index: OpenIndex) -> None:
    done = check(built_index, "Two dredgers worked there … has had no keeper since 1998")
    assert done.verdict == "altered"


def test_a_part_that_is_not_as_quoted_is_named(built_index: OpenIndex) -> None:
    done = check(built_index, "Two dredgers worked there … the gold was taken out to sea")
    assert done.verdict == "altered"
    assert done.nearest is not None
    assert [(c.said, c.found) for c in done.nearest.changes if c.kind == "replaced"] == [
        ("gold", "mud")
    ]


def test_an_ellipsis_of_the_article_itself_is_no_gap(empty_index: OpenIndex) -> None:
    empty_index.write("a.txt", "Tales\n\nHe waited … and nothing came of it in the end.")
    empty_index.build()
    done = check(empty_index, "He waited... and nothing came")
    assert (done.verdict, len(done.places), done.note) == ("same_words", 1, None)


def test_a_negation_that_an_ellipsis_leaves_out_makes_it_altered(empty_index: OpenIndex) -> None:
    empty_index.write("a.txt", "Ports\n\nWe met. We can’t rule out closing the port, he said.")
    empty_index.build()
    for named in (None, "a.txt"):
        done = check(empty_index, "We … rule out closing the port", named)
        assert done.verdict == "altered"
        assert done.note == "The words left out hold “can’t”."
        assert done.nearest is not None
        assert done.nearest.text == "We can’t rule out closing the port"
        assert [(c.kind, c.said, c.found) for c in done.nearest.changes] == [
            ("same", "We", "We"),
            ("removed", "", "can’t"),
            ("same", "rule out closing the port", "rule out closing the port"),
        ]
    assert check(empty_index, "We can’t … closing the port").verdict == "exact"


@pytest.mark.parametrize(
    ("text", "quote", "verdict"),
    [
        ("The plan was, the mayor said, never approved.", "The plan was … approved", "altered"),
        ("We can**not** leave now.", "We … leave now", "altered"),
        ("They waited. Nobody at all had asked him.", "They waited … had asked him", "altered"),
        ("They waited. Nobody came. He had asked.", "They waited … He had asked", "exact"),
        ("He had no\nfriends in town, Mr. Tamm said.", "He had … friends in town", "altered"),
        ("We no doubt will win it.", "We … will win it", "exact"),
        ("我们不能离开。", "我们…能离开", "altered"),
        ("We cannot go. We will surely go.", "We … go", "exact"),
        ("We will surely go. We cannot go.", "We … go", "exact"),
    ],
)
def test_what_an_ellipsis_leaves_out_may_be_anything_but_a_negation(
    empty_index: OpenIndex, text: str, quote: str, verdict: str
) -> None:
    empty_index.write("a.md", f"# Title\n\n{text}")
    empty_index.build()
    assert check(empty_index, quote).verdict == verdict


# ---- what a page does not show -------------------------------------------------------------------


@pytest.mark.parametrize(
    "hidden",
    [
        "The town <!-- {} --> was calm.",
        "<!--\n{}\n-->\n\nThe town was calm.",
        "The town was calm.\n\n<script>\n{}\n</script>\n",
        "The town was calm.\n\n<STYLE>{}</STYLE>\n",
    ],
)
def test_words_that_no_page_shows_are_not_in_the_corpus(
    empty_index: OpenIndex, hidden: str
) -> None:
    words = "gold was found under the harbour"
    text = "# Title\n\n" + hidden.format(words)
    empty_index.write("a.md", text)
    empty_index.build()
    for named in (None, "a.md"):
        for quote in (words, f"{words} yesterday", words.upper(), f"{words} …"):
            assert check(empty_index, quote, named).verdict == "not_in_corpus"
    empty_index.write("b.md", f"{text}\n\nAt last {words}.")
    empty_index.build()
    done = check(empty_index, words)
    assert (done.verdict, done.articles) == ("exact", 1)
    assert done.places[0].prefix.endswith("At last ")


def test_a_quotation_goes_on_behind_a_comment(empty_index: OpenIndex) -> None:
    empty_index.write("a.md", "# Title\n\nThe town <!-- of Kallo --> was calm.")
    empty_index.build()
    done = check(empty_index, "The town was calm")
    assert (done.verdict, done.places[0].quote) == (
        "same_words", "The town <!-- of Kallo --> was calm",
    )  # fmt: skip


def test_plain_text_shows_its_comments_and_so_does_one_that_nothing_closes(
    empty_index: OpenIndex,
) -> None:
    empty_index.write("a.txt", "Title\n\nThe town <!-- of Kallo --> was calm.")
    empty_index.write("b.md", "# Title\n\nThe arrow <!-- points to the left.")
    empty_index.build()
    assert check(empty_index, "of Kallo").verdict == "exact"
    assert check(empty_index, "points to the left").verdict == "exact"


# ---- what cannot be checked ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("quote", "says"),
    [
        ("", "empty"),
        (" \n\ufeff ", "empty"),
        ("“”", "no words"),
        ("… — !", "no words"),
        ("a" * (LONGEST_QUOTE + 1), "5,001 characters"),
    ],
)
def test_a_quotation_that_cannot_be_checked_says_why(
    built_index: OpenIndex, quote: str, says: str
) -> None:
    with pytest.raises(BadQuestion, match=says):
        check_quote(quote, built_index.catalog)


def test_a_quotation_of_the_greatest_length_is_checked(built_index: OpenIndex) -> None:
    assert check(built_index, ("the moon pulls " * 400)[:LONGEST_QUOTE]).verdict != "exact"


# ---- any corpus, any quotation -------------------------------------------------------------------

_CATALOGS: dict[str, Catalog] = {}


def _catalog_of(text: str, folder: Path) -> Catalog:
    """One catalog with one article, made anew for each text."""
    catalog = _CATALOGS.setdefault("only", Catalog(folder))
    data = text.encode()
    article = decode_article("a.md", data)
    catalog.put(article, data, split(article))
    catalog.place("a.md", article.sha256, 0, 0)
    return catalog


@given(UGLY, st.data())
@settings(max_examples=80)
def test_every_piece_of_a_passage_is_exact_however_ugly_it_is(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[str], data: st.DataObject
) -> None:
    text = "Title\n\nBegin here. " + "".join(pieces)[:4000].replace("\0", "")
    catalog = _catalog_of(text, tmp_path_factory.mktemp("index"))
    passage = data.draw(st.sampled_from(split(decode_article("a.md", text.encode()))))
    start = data.draw(st.integers(passage.chars.start, passage.chars.end - 1))
    end = data.draw(st.integers(start + 1, min(passage.chars.end, start + 300)))
    hidden = [match.span() for match in re.finditer("<!--.*?-->", text, re.DOTALL)]
    words = [
        span
        for span in _words(text, Span(start, end))
        if is_whole(text, span) and not any(a < span.start < b for a, b in hidden)
    ]
    if not words:
        return
    quote = text[words[0].start : words[-1].end]
    done = check_quote(quote, catalog)
    assert done.verdict == "exact", (quote, done)
    for place in done.places:
        assert_lawful(place, catalog)


@given(UGLY, UGLY)
@settings(max_examples=80)
def test_no_quotation_breaks_the_law(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[str], said: list[str]
) -> None:
    """Also a target for a fuzzer: `test_no_quotation_breaks_the_law.hypothesis.fuzz_one_input`."""
    text = "Title\n\nBegin here. " + "".join(pieces)[:4000].replace("\0", "")
    catalog = _catalog_of(text, tmp_path_factory.mktemp("index"))
    try:
        done = check_quote("".join(said)[:1500], catalog)
    except PinciteError:
        return
    for place in done.places:
        assert_lawful(place, catalog)
        same = fold(place.quote).text.strip(" -,.;:…()[]{}#>|")
        assert done.note or same in fold(done.quote).text or fold(done.quote).text in same + "'"
    assert bool(done.places) == (done.verdict in ("exact", "same_words"))
    assert json.loads(json.dumps(done.to_json())) == done.to_json()


def _words(text: str, within: Span) -> Iterator[Span]:
    start = None
    for at in range(within.start, within.end + 1):
        plain = at < within.end and text[at].isascii() and text[at].isalnum()
        if plain and start is None:
            start = at
        elif not plain and start is not None:
            yield Span(start, at)
            start = None


# ---- a draft -------------------------------------------------------------------------------------


def reviewed(index: OpenIndex, draft: str) -> tuple[Reviewed, ...]:
    """The sentences of a draft, after what must be true of every review."""
    searcher = Searcher(index.catalog, index.vectors, index.embedder)
    done = review(draft, index.catalog, search=lambda sentence: searcher.search(sentence, k=8))
    assert json.loads(json.dumps(done.to_json())) == done.to_json()
    for one in done.sentences:
        assert one.chars.of(draft) == one.sentence
        assert bool(one.support) == (one.verdict == "supported")
        assert not one.against or one.verdict in ("supported", "contradicted")
        for place in (*one.support, *one.against):
            assert_lawful(place, index.catalog)
    return done.sentences


def test_each_sentence_of_a_draft_has_a_verdict(built_index: OpenIndex) -> None:
    done = reviewed(
        built_index,
        "# Kallo\nThe harbour at Kallo was deepened in 1974. The harbour at Kallo was deepened in 1984.\n\n"
        "Who paid for it? Gold was found in the mountains.",
    )
    assert [one.verdict for one in done] == [
        "nothing_to_check", "supported", "contradicted", "nothing_to_check", "absent",
    ]  # fmt: skip
    assert done[1].support[0].quote == "The harbour at Kallo was deepened in 1974."
    assert done[2].against[0].quote == "The harbour at Kallo was deepened in 1974."
    assert [(f.said, f.instead) for f in done[2].findings if not f.agrees] == [("1984", "1974")]
    assert done[4].support == done[4].against == ()


def test_a_sentence_in_other_words_is_supported_by_the_sentence_that_says_it(
    built_index: OpenIndex,
) -> None:
    (one,) = reviewed(built_index, "For nine months two dredgers worked.")
    assert one.verdict == "supported"
    assert one.support[0].quote == MUD


def test_two_sentences_of_a_passage_may_support_one_together(built_index: OpenIndex) -> None:
    (one,) = reviewed(
        built_index,
        "The lighthouse on Saarn has had no keeper since 1998, and its lamp is watched from the mainland.",
    )
    assert one.verdict == "supported"
    assert len(one.support) == 2


def test_a_denial_of_what_an_article_says_is_contradicted(built_index: OpenIndex) -> None:
    (one,) = reviewed(built_index, "The harbour at Kallo was not deepened in 1974.")
    assert one.verdict == "contradicted"


def test_a_sentence_that_misquotes_is_not_supported(built_index: OpenIndex) -> None:
    right, wrong = reviewed(
        built_index,
        "“Visitors may climb its 142 steps in summer.” “Visitors can climb its 142 steps in summer.”",
    )
    assert (right.verdict, right.quotes[0].verdict) == ("supported", "same_words")
    assert wrong.verdict != "supported"
    assert wrong.quotes[0].verdict == "altered"


def test_a_sentence_of_an_article_supports_itself_in_any_typography(built_index: OpenIndex) -> None:
    (one,) = reviewed(built_index, "THE LIGHTHOUSE on Saarn  has had no keeper since 1998.")
    assert one.verdict == "supported"
    assert one.support[0].quote == "The lighthouse on Saarn has had no keeper since 1998."


@pytest.mark.parametrize(
    ("draft", "says"),
    [
        ("", "empty"),
        (" … ", "empty"),
        ("a" * (LONGEST_DRAFT + 1), "20,001 characters"),
        ("He left. " * 201, "201 sentences"),
    ],
)
def test_a_draft_that_cannot_be_checked_says_why(
    built_index: OpenIndex, draft: str, says: str
) -> None:
    with pytest.raises(BadQuestion, match=says):
        reviewed(built_index, draft)


@given(said=UGLY)
@settings(max_examples=15)
def test_no_draft_breaks_the_law(built_index: OpenIndex, said: list[str]) -> None:
    draft = "".join(said)[:1500]
    try:
        reviewed(built_index, draft)
    except BadQuestion:
        return


# ---- real text -----------------------------------------------------------------------------------


def test_the_seed_article_is_quoted_sentence_by_sentence(
    empty_index: OpenIndex, seed_article: bytes
) -> None:
    empty_index.write("seed.txt", seed_article)
    empty_index.build()
    article = empty_index.catalog.article(empty_index.catalog.known()["seed.txt"].sha256)
    assert article is not None
    for passage in split(article)[:12]:
        for sentence in passage.sentences[:2]:
            quote = sentence.of(article.text)
            assert check(empty_index, quote, "seed.txt").verdict == "exact"
            assert check(empty_index, f"«{quote.upper()}»").verdict in ("exact", "same_words")


@pytest.mark.parametrize("language", ["en", "es", "ar", "zh"])
def test_xquad_is_quoted_in_any_script(empty_index: OpenIndex, language: str) -> None:
    file = SEED.parent / "data" / "xquad" / f"xquad.{language}.json"
    if not file.is_file():
        pytest.skip("XQuAD is not beside this checkout")
    told = json.loads(file.read_text("utf-8"))["data"][:8]
    contexts = [paragraph["context"] for article in told for paragraph in article["paragraphs"]]
    for number, context in enumerate(contexts):
        empty_index.write(f"{number}.txt", f"{number}\n\n{context}\n")
    empty_index.build()
    for number, context in enumerate(contexts):
        half = context[: len(context) // 2].rpartition(" " if language != "zh" else "，")[0]
        if half:
            assert check(empty_index, half, f"{number}.txt").verdict == "exact"
            assert check(empty_index, half[-60:].partition(" ")[2] or half).verdict in (
                "exact",
                "same_words",
            )
