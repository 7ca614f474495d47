"""`pincite history` and `pincite remove` as a shell sees them, alone and beside a server."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from conftest import HARBOUR, TIDES, write
from site_server import answer, site
from test_addresses import HARBOUR as STORY
from test_addresses import page
from test_cli import Pincite, pincite, served

from ingest.ledger import Ledger
from web.library import corpus_name
from web.library_text import command, history_text

__all__ = ["pincite", "served"]  # the fixtures

Served = tuple[str, "subprocess.Popen[str]"]


@pytest.fixture
def changed(pincite: Pincite, three_articles: Path) -> Pincite:
    """Three articles are indexed, and one of them in two versions."""
    assert pincite("ingest").returncode == 0
    write(three_articles, "tides.txt", TIDES.replace("The moon", "The comet"))
    assert pincite("ingest").returncode == 0
    return pincite


def test_the_history_of_an_article_is_its_versions_and_what_changed(changed: Pincite) -> None:
    done = changed("history", "tides.txt")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "tides.txt · Tides"
    assert lines[1].endswith("(current)")
    assert " until " in lines[2]
    assert "- The [-moon-] pulls the sea." in lines
    assert "+ The {+comet+} pulls the sea." in lines


def test_two_versions_are_compared_in_either_order(changed: Pincite) -> None:
    told = json.loads(changed("history", "tides.txt", "--json").stdout)
    new, old = (version["sha256"] for version in told["versions"])
    assert (told["difference"]["old"], told["difference"]["new"]) == (old, new)
    turned = changed("history", "tides.txt", "--diff", f"{new[:8]}..{old[:8]}", "--json")
    assert json.loads(turned.stdout)["difference"]["new"] == old
    for wrong in ("abc", "..", f"{new[:8]}..", "zz..zz", f"{new[:8]}..00000000", "a..b..c"):
        done = changed("history", "tides.txt", "--diff", wrong)
        assert (done.returncode, done.stdout) == (2, "")


def test_an_article_is_named_by_its_file_too(changed: Pincite, three_articles: Path) -> None:
    for name in ("corpus/2021/harbour.md", str(three_articles / "2021/harbour.md"),
                 "https://example.org/harbour"):  # fmt: skip
        told = json.loads(changed("history", name, "--json").stdout)
        assert told["path"] == "2021/harbour.md"
        assert told["difference"] is None


def test_an_article_that_is_nearly_the_same_is_named(
    pincite: Pincite, three_articles: Path
) -> None:
    write(three_articles, "copy.md", HARBOUR.replace("in May", "in June"))
    pincite("ingest")
    assert "Nearly the same (" in pincite("history", "copy.md").stdout


def test_an_article_is_removed_only_with_yes(changed: Pincite, three_articles: Path) -> None:
    planned = changed("remove", "tides.txt")
    assert planned.returncode == 0
    assert "This would be taken away:\n  tides.txt  “Tides”, 1 passage, 2 versions" in (
        planned.stdout
    )
    assert "Nothing was done. To do it: pincite remove tides.txt --yes" in planned.stdout
    assert (three_articles / "tides.txt").exists()
    done = changed("remove", "tides.txt", "--yes", "--json")
    assert json.loads(done.stdout)["done"] is True
    assert not (three_articles / "tides.txt").exists()
    assert "3 unchanged" not in changed("ingest").stdout
    assert len(json.loads(changed("history", "tides.txt", "--json").stdout)["versions"]) == 2


def test_answers_that_cite_what_goes_are_named(changed: Pincite) -> None:
    asked = json.loads(changed("ask", "How many dredgers worked at Kallo?", "--json").stdout)
    told = changed("remove", "--publisher", "coast gazette").stdout
    assert "1 kept answer cites what would go" in told
    assert asked["record"][:12] in told


def test_what_is_forgotten_cannot_be_named_any_more(changed: Pincite) -> None:
    done = changed("remove", "tides.txt", "--forget", "--yes")
    assert "2 versions." in done.stdout
    assert "in no file of the index any more" in done.stdout
    assert changed("history", "tides.txt").returncode == 2
    assert changed("remove", "tides.txt").returncode == 2


@pytest.mark.parametrize("words", [[], ["../x.md"], ["none.md"], ["--publisher", "Nobody"]])
def test_nothing_is_removed_for_a_name_that_is_not_known(
    changed: Pincite, three_articles: Path, words: list[str]
) -> None:
    before = sorted(three_articles.rglob("*"))
    done = changed("remove", *words, "--yes")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr
    assert sorted(three_articles.rglob("*")) == before


def test_a_server_tells_the_history_and_removes(served: Served, three_articles: Path) -> None:
    def pincite_there(*words: str) -> str:
        from test_cli import PINCITE, environment

        done = subprocess.run(
            [*PINCITE, *words], cwd=three_articles.parent, env=environment(),
            capture_output=True, text=True, timeout=60, check=True,
        )  # fmt: skip
        return done.stdout

    told = json.loads(pincite_there("history", "tides.txt", "--json"))
    assert [version["current"] for version in told["versions"]] == [True]
    assert "Nothing was done" in pincite_there("remove", "tides.txt")
    assert (three_articles / "tides.txt").exists()
    assert pincite_there("remove", "tides.txt", "--forget", "--yes").startswith("Taken away:")
    assert not (three_articles / "tides.txt").exists()


def test_a_command_that_can_be_pasted_is_told() -> None:
    assert command(["a b.md"], ["O'Neill"], forget=True) == (
        "pincite remove 'a b.md' --publisher 'O'\"'\"'Neill' --forget --yes"
    )


def test_a_name_leads_into_the_corpus_or_is_left_as_it_is(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    assert corpus_name(corpus, str(corpus / "a" / ".." / "b.md")) == "b.md"
    for name in ("../b.md", "a.md", "HTTPS://example.org/../a.md", str(tmp_path / "corpus2/a.md")):
        assert corpus_name(corpus, name) == name


def test_escape_sequences_of_an_article_reach_no_terminal() -> None:
    piece = {"kind": "added", "text": "a \x1b[31mred\x1b[0m\nword", "marks": [[2, 10]]}
    told = {
        "path": "a\x1b]0;x\x07.md", "title": "T\r\n", "versions": [], "alike": [],
        "difference": {"old": "1" * 64, "new": "2" * 64, "added": 1, "removed": 0,
                       "pieces": [piece], "more": 0},
    }  # fmt: skip
    assert "\x1b" not in history_text(told)
    assert "\r" not in history_text(told)


def test_a_page_that_has_changed_and_is_added_twice_has_two_versions(
    pincite: Pincite, three_articles: Path
) -> None:
    local = {"PINCITE_ALLOW_PRIVATE": "yes"}
    with site({"/h": answer(page("Kallo", STORY))}) as coast:
        assert pincite("add", f"{coast.url}/h", **local).returncode == 0
        coast.acts["/h"] = answer(page("Kallo", STORY.replace("Two", "Three")))
        assert pincite("add", f"{coast.url}/h", **local).returncode == 0
        told = json.loads(pincite("history", f"{coast.url}/h", "--json").stdout)
        assert [version["current"] for version in told["versions"]] == [True, False]
        assert "{+Three+} dredgers" in pincite("history", told["path"]).stdout
        originals = {*three_articles.glob(".originals/*/*.html")}
        assert len(originals) == 2
        done = pincite("remove", f"{coast.url}/h", "--forget", "--yes", "--json")
        assert json.loads(done.stdout)["passages"] >= 1
        assert len(json.loads(done.stdout)["originals"]) == 2
        assert not [*three_articles.glob(".originals/*/*.html")]
        assert not (three_articles / told["path"]).exists()
        assert pincite("history", told["path"]).returncode == 2


def test_an_answer_that_cited_what_was_taken_away_verifies_as_gone(changed: Pincite) -> None:
    asked = json.loads(changed("ask", "How many dredgers worked at Kallo?", "--json").stdout)
    assert changed("remove", "2021/harbour.md", "--yes").returncode == 0
    assert changed("verify", asked["record"][:12]).returncode == 6
    assert changed("ask", "How many dredgers worked at Kallo?").returncode in (0, 3)


def test_an_article_that_was_put_there_by_hand_does_not_come_back_with_a_feed(
    pincite: Pincite, three_articles: Path
) -> None:
    pincite("ingest")
    assert pincite("remove", "2021/harbour.md", "--yes").returncode == 0
    with Ledger(three_articles) as ledger:
        assert ledger.removed("https://example.org/harbour")
