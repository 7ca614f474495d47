"""`pincite add`, `feeds` and `reconvert` as a shell sees them, with real files and a site of its own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import write
from site_server import answer, site
from test_addresses import HARBOUR, LIGHTHOUSE, feed, page
from test_cli import Pincite, pincite

__all__ = ["pincite"]  # the fixture

LOCAL = {"PINCITE_ALLOW_PRIVATE": "yes"}


def test_a_page_is_added_and_answers_at_once(pincite: Pincite) -> None:
    with site({"/h": answer(page("Kallo", HARBOUR))}) as coast:
        done = pincite("add", f"{coast.url}/h", **LOCAL)
    assert done.returncode == 0, done.stderr
    assert f"{coast.url}/h → corpus/2021/Kallo.md" in done.stdout
    asked = pincite("ask", "Who voted for the deepening three times?", "--json")
    (first, *_) = json.loads(asked.stdout)["citations"]
    assert first["path"] == "2021/Kallo.md"
    assert first["quote"] in HARBOUR
    again = pincite("ingest")
    assert "4 unchanged" in again.stdout


def test_addresses_of_this_machine_are_refused_without_the_setting(pincite: Pincite) -> None:
    with site({"/h": answer(page("Kallo", HARBOUR))}) as coast:
        done = pincite("add", f"{coast.url}/h")
        assert coast.targets == []
    assert done.returncode == 1
    assert "points at this computer, which is fetched only with --allow-private yes" in done.stderr


def test_a_file_of_another_format_is_converted_and_what_fails_is_named(
    pincite: Pincite, tmp_path: Path
) -> None:
    story = write(tmp_path, "in/story.html", page("Saarn", LIGHTHOUSE))
    broken = write(tmp_path, "in/broken.pdf", b"not a PDF")
    done = pincite("add", str(story), str(broken))
    assert done.returncode == 1
    assert "corpus/2021/story.md" in done.stdout
    assert "skipped:" in done.stderr
    assert "broken.pdf: is called PDF" in done.stderr
    assert pincite("reconvert").stdout == "same: 2021/story.md\n"


def test_feeds_are_followed_updated_listed_and_left(pincite: Pincite) -> None:
    acts = {"/harbour": answer(page("Kallo", HARBOUR)), "/light": answer(page("Saarn", LIGHTHOUSE))}
    with site(acts) as coast:
        coast.acts["/feed"] = answer(feed(coast.url, "harbour"))
        assert pincite("add", "--follow", f"{coast.url}/feed", **LOCAL).returncode == 0
        listed = pincite("feeds").stdout
        assert "Coast Gazette" in listed
        assert f"{coast.url}/feed" in listed
        coast.acts["/feed"] = answer(feed(coast.url, "light", "harbour"))
        assert "1 added, 1 already there" in pincite("feeds", "--update", **LOCAL).stderr
        assert pincite("feeds", "--stop", f"{coast.url}/feed").returncode == 0
        assert pincite("feeds", "--stop", f"{coast.url}/feed").returncode == 2
    assert json.loads(pincite("feeds", "--json").stdout) == []
    assert "No feed is followed" in pincite("feeds").stderr


@pytest.mark.parametrize("value", ["maybe", "2", ""])
def test_a_setting_that_is_neither_yes_nor_no_is_an_error(pincite: Pincite, value: str) -> None:
    done = pincite("feeds", PINCITE_ALLOW_PRIVATE=value)
    assert done.returncode == 2
    assert "PINCITE_ALLOW_PRIVATE" in done.stderr


def test_a_near_copy_is_added_and_named(pincite: Pincite, tmp_path: Path) -> None:
    pincite("ingest")
    text = " ".join(f"On day {n} the pilot of Kallo logged {n * 7} barges." for n in range(1, 40))
    write(tmp_path, "in/survey.md", f"# Survey\n\n{text}\n")
    write(tmp_path, "in/survey-again.md", f"# The survey, again\n\n{text} It was signed.\n")
    pincite("add", str(tmp_path / "in/survey.md"))
    done = pincite("add", str(tmp_path / "in/survey-again.md"))
    assert done.returncode == 0
    assert "survey-again.md is nearly the same as survey.md (" in done.stderr
    assert (
        "survey.md is nearly"
        not in pincite("add", str(write(tmp_path, "o.md", "Other. Text."))).stderr
    )
