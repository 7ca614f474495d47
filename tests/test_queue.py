"""web/queue.py and web/item.py: sources brought in one after another, with a real index below."""

from __future__ import annotations

import io
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import HARBOUR, LIGHTHOUSE, TIDES
from site_server import answer, endless, site

from answer.assistant import Assistant
from answer.settings import Settings
from index.catalog import Catalog
from index.embed import HashedEmbedder
from index.vectors import VectorStore
from ingest.add import Adding
from ingest.errors import BadSetting
from ingest.fetch import FetchSettings
from ingest.ledger import Ledger
from web.item import Item, address_from, label_from, lines_from
from web.queue import QueueFull, SourceQueue

LONG = "# A long log\n\n" + "".join(
    f"On day {day} the pilots of Kallo measured the quay and wrote down what they had found.\n\n"
    f"Nobody on the coast had seen the water of day {day} stand as high as it did that evening.\n\n"
    for day in range(400)
)


class Gate(HashedEmbedder):
    """An embedder that can be held up, a batch at a time."""

    def __init__(self) -> None:
        super().__init__()
        self.held = False
        self.batches = threading.Semaphore(0)

    def embed(self, texts):  # type: ignore[no-untyped-def]
        if self.held:
            assert self.batches.acquire(timeout=30)
        return super().embed(texts)


class Desk:
    """A corpus, its index and a queue before both."""

    def __init__(self, folder: Path) -> None:
        self.corpus, self.embedder = folder / "corpus", Gate()
        self.corpus.mkdir()
        settings = Settings(corpus=self.corpus, index=folder / "index", embedder="hashed")
        catalog = Catalog(settings.index)
        vectors = VectorStore(settings.index, self.embedder.name, self.embedder.dimension)
        self.assistant = Assistant(settings, catalog, vectors, self.embedder)
        self.queue = SourceQueue(self.assistant, self._open)

    def _open(self) -> Adding:
        self.adding = Adding(self.corpus)
        return self.adding

    def add(self, name: str, text: str | bytes) -> Item:
        data = text if isinstance(text, bytes) else text.encode("utf-8")
        return self.queue.add_file(name, io.BytesIO(data))

    def item(self, item: Item) -> Item:
        return next(one for one in self.queue.items() if one.id == item.id)

    def until(self, item: Item, true: Callable[[Item], bool]) -> Item:
        end = time.monotonic() + 30
        while not true(now := self.item(item)):
            assert time.monotonic() < end, now
            time.sleep(0.01)
        return now

    def ended(self, item: Item) -> Item:
        return self.until(item, lambda now: now.ended)

    def files(self) -> list[str]:
        found = (file for file in self.corpus.rglob("*") if file.is_file())
        paths = (file.relative_to(self.corpus).as_posix() for file in found)
        return sorted(path for path in paths if not path.startswith("."))

    def uploads(self) -> list[Path]:
        folder = self.queue._folder
        return sorted(folder.iterdir()) if folder else []

    def found(self, question: str) -> set[str]:
        return {hit.passage.path for hit in self.assistant.search(question, k=3)}

    def close(self) -> None:
        self.embedder.held = False
        self.embedder.batches.release(1000)
        self.queue.close()
        self.assistant.close()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """An empty corpus with a queue."""
    desk = Desk(tmp_path)
    yield desk
    desk.close()


def test_a_file_can_be_asked_about_as_soon_as_it_is_done_while_others_wait(desk: Desk) -> None:
    first = desk.add("harbour.md", HARBOUR)
    done = desk.ended(first)
    assert (done.state, done.count, done.reason, done.remarks) == ("done", 1, "", ())
    assert [(one.path, one.title) for one in done.articles] == [
        ("2021/harbour.md", "The harbour at Kallo")
    ]
    assert desk.assistant.article(done.articles[0].sha256) is not None
    desk.embedder.held = True
    second, third = desk.add("lighthouse.md", LIGHTHOUSE), desk.add("tides.txt", TIDES)
    desk.until(second, lambda now: now.state == "embedding")
    assert desk.item(third).state == "waiting"
    desk.embedder.held = False
    desk.embedder.batches.release(10)
    assert desk.ended(third).state == "done"
    assert desk.files() == ["2014/lighthouse.md", "2021/harbour.md", "tides.txt"]
    assert desk.found("Who holds the key of the lighthouse?") >= {"2014/lighthouse.md"}


def test_embedding_counts_the_passages_of_the_item(desk: Desk) -> None:
    desk.embedder.held = True
    item = desk.add("log.md", LONG)
    begun = desk.until(item, lambda now: now.of > 0)
    assert begun.state == "embedding"
    assert begun.done == 0
    desk.embedder.batches.release(1)
    one_batch = desk.until(item, lambda now: now.done > 0)
    assert one_batch.done < one_batch.of == begun.of
    desk.embedder.held = False
    desk.embedder.batches.release(100)
    assert desk.ended(item).state == "done"
    assert desk.assistant.coverage().passages == begun.of


def test_the_same_file_again_is_already_there(desk: Desk) -> None:
    desk.ended(desk.add("harbour.md", HARBOUR))
    again = desk.ended(desk.add("harbour.md", HARBOUR))
    assert (again.state, again.count) == ("already", 1)
    assert again.articles[0].path == "2021/harbour.md"
    assert len(desk.files()) == 1


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("empty.txt", b"", "It holds nothing (0 bytes); no text to index."),
        ("photo.pdf", b"\x89PNG\r\n\x1a\n", "It is a picture, not an article."),
        ("old.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 99, "save it without a password"),
        ("latin.txt", "Über die See.".encode("latin-1"), "UTF-8"),
        ("program.exe", b"MZ\x90\0", "is a program"),
        ("cut.zip", b"PK\x03\x04", "damaged or cut-off"),
    ],
)
def test_what_cannot_be_read_says_why_and_leaves_nothing(
    desk: Desk, name: str, data: bytes, reason: str
) -> None:
    item = desk.ended(desk.add(name, data))
    assert item.state == "failed"
    assert reason in item.reason
    assert str(desk.corpus) not in item.reason
    assert "pincite-uploads" not in item.reason
    assert desk.files() == []
    assert desk.ended(desk.add("harbour.md", HARBOUR)).state == "done"


def test_a_file_that_is_too_large_has_failed_at_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.queue.LARGEST_UPLOAD", 1_000)
    item = desk.add("log.md", LONG)
    assert item.state == "failed"
    assert "pincite add" in item.reason
    assert desk.uploads() == []


def test_a_source_that_waits_can_be_cancelled(desk: Desk) -> None:
    desk.embedder.held = True
    first, second = desk.add("log.md", LONG), desk.add("harbour.md", HARBOUR)
    desk.until(first, lambda now: now.state == "embedding")
    assert len(desk.uploads()) == 2
    cancelled = desk.queue.cancel(second.id)
    assert cancelled is not None
    assert cancelled.state == "cancelled"
    assert len(desk.uploads()) == 1
    desk.embedder.held = False
    desk.embedder.batches.release(100)
    assert desk.ended(first).state == "done"
    assert desk.files() == ["log.md"]


def test_a_source_that_is_being_embedded_can_be_cancelled_and_nothing_of_it_stays(
    desk: Desk,
) -> None:
    desk.ended(desk.add("harbour.md", HARBOUR))
    desk.embedder.held = True
    item = desk.add("log.md", LONG)
    desk.until(item, lambda now: now.of > 0)
    cancelling = desk.queue.cancel(item.id)
    assert cancelling is not None
    assert (cancelling.state, cancelling.cancelling) == ("embedding", True)
    desk.embedder.held = False
    desk.embedder.batches.release(100)
    ended = desk.ended(item)
    assert (ended.state, ended.cancelling) == ("cancelled", False)
    assert ended.reason == "Nothing of it stays."
    assert desk.files() == ["2021/harbour.md"]
    assert desk.assistant.coverage().articles == 1
    assert desk.found("What did the pilots of Kallo measure?") == {"2021/harbour.md"}
    assert desk.ended(desk.add("log.md", LONG)).state == "done"


def test_a_conversion_is_cancelled_at_once_and_the_next_source_is_brought_in(desk: Desk) -> None:
    words = "".join(f"<p>On day {day} the pilots measured the quay.</p>" for day in range(150_000))
    slow = desk.add("slow.html", f"<html><body><article>{words}</article></body></html>")
    after = desk.add("harbour.md", HARBOUR)
    desk.until(slow, lambda now: now.state == "converting")
    while (process := desk.adding.converter._process) is None:
        time.sleep(0.01)
    time.sleep(0.3)
    os.kill(process.pid, signal.SIGSTOP)  # it can be cancelled yet, but comes to no end by itself
    assert not desk.item(slow).ended
    desk.queue.cancel(slow.id)
    assert desk.ended(slow).state == "cancelled"
    assert desk.ended(after).state == "done"
    assert desk.files() == ["2021/harbour.md"]


def test_a_page_and_a_feed_are_fetched_and_a_download_can_be_cancelled(tmp_path: Path) -> None:
    page = (
        "<html lang='en'><head><title>{0}</title></head><body><article><h1>{0}</h1><p>{0}: the "
        "quay of Kallo was rebuilt by forty masons, who worked there for two summers and left no "
        "plan behind.</p><p>The harbour master keeps a rope with knots instead.</p></article></body>"
    )
    with site({}) as at:
        links = "".join(f"<item><link>{at.url}/{name}</link></item>" for name in ("one", "two"))
        feed = f"<rss version='2.0'><channel><title>Coast</title>{links}</channel></rss>"
        at.acts |= {
            "/story": answer(page.format("A story").encode()),
            "/one": answer(page.format("The first").encode()),
            "/two": answer(page.format("The second").encode()),
            "/feed": answer(feed.encode(), Content_Type="application/rss+xml"),
            "/endless": endless(b"<p>The sea.</p>" * 100, pause=0.05),
        }
        desk = Desk(tmp_path)
        fetch = FetchSettings(allow_private=True, per_host_seconds=0)
        desk.queue = SourceQueue(desk.assistant, lambda: Adding(desk.corpus, fetch=fetch))
        story = desk.ended(desk.queue.add_address(f"{at.url}/story"))
        assert (story.state, story.articles[0].title) == ("done", "A story"), story
        several = desk.ended(desk.queue.add_address(f"{at.url}/feed"))
        assert (several.state, several.count) == ("done", 2), several
        at.acts["/later"] = answer(feed.replace("two", "endless").encode(), Content_Type="text/xml")
        later = desk.queue.add_address(f"{at.url}/later", follow=True)
        desk.until(later, lambda now: now.state == "fetching" and now.done > 10_000)
        desk.queue.cancel(later.id)
        assert desk.ended(later).state == "cancelled"
        with Ledger(desk.corpus) as ledger:
            assert ledger.feeds() == ()
        slow = desk.queue.add_address(f"{at.url}/endless")
        desk.until(slow, lambda now: now.state == "fetching" and now.done > 10_000)
        desk.queue.cancel(slow.id)
        assert desk.ended(slow).state == "cancelled"
        missing = desk.ended(desk.queue.add_address(f"{at.url}/nothing"))
        assert missing.state == "failed"
        assert missing.reason.endswith(".")
        assert desk.found("Who rebuilt the quay of Kallo?")
        desk.close()


def test_what_has_ended_stays_as_it_is_when_it_is_cancelled(desk: Desk) -> None:
    done = desk.ended(desk.add("harbour.md", HARBOUR))
    assert desk.queue.cancel(done.id) == done
    assert desk.queue.cancel("0" * 16) is None


def test_uploads_are_deleted_when_their_item_has_ended_and_the_folder_with_the_queue(
    desk: Desk,
) -> None:
    for name, text in (("harbour.md", HARBOUR), ("empty.txt", "")):
        desk.ended(desk.add(name, text))
    desk.until(desk.queue.items()[-1], lambda _: desk.uploads() == [])
    folder = desk.queue._folder
    assert folder is not None
    assert folder.stat().st_mode & 0o077 == 0
    desk.queue.close()
    assert not folder.exists()


def test_a_closed_queue_takes_nothing(desk: Desk) -> None:
    desk.queue.close()
    with pytest.raises(QueueFull, match="stopping"):
        desk.add("harbour.md", HARBOUR)
    with pytest.raises(QueueFull, match="stopping"):
        desk.queue.add_address("https://example.org/a")


def test_no_more_sources_wait_than_there_is_room_for(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.queue.MOST_WAITING", 3)
    desk.embedder.held = True
    first = desk.add("log.md", LONG)
    desk.until(first, lambda now: now.state == "embedding")
    for number in range(3):
        desk.add(f"{number}.md", HARBOUR)
    with pytest.raises(QueueFull, match="3 sources wait already"):
        desk.add("last.md", HARBOUR)
    assert len(desk.uploads()) == 4


def test_no_more_bytes_wait_than_there_is_room_for(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.queue.MOST_BYTES", 2 * len(HARBOUR))
    desk.embedder.held = True
    desk.until(desk.add("log.md", "One sentence."), lambda now: now.state == "embedding")
    desk.add("1.md", HARBOUR)
    desk.add("2.md", HARBOUR)
    with pytest.raises(QueueFull, match="wait already"):
        desk.add("3.md", HARBOUR)
    assert len(desk.uploads()) == 3


def test_only_the_last_items_are_remembered(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.queue.MOST_KEPT", 3)
    items = [desk.ended(desk.add(f"{number}.txt", "")) for number in range(5)]
    assert [item.id for item in desk.queue.items()] == [item.id for item in items[2:]]


@pytest.mark.parametrize("name", ["../../evil.md", "/etc/evil.md", "..\\evil.md", "a\0/evil.md"])
def test_the_name_of_an_upload_is_a_label_that_leads_nowhere(desk: Desk, name: str) -> None:
    item = desk.ended(desk.add(name, LIGHTHOUSE))
    assert (item.label, item.state) == ("evil.md", "done")
    assert desk.files() == ["2014/evil.md"]
    assert not list(desk.corpus.parent.glob("evil*"))


def test_a_failure_inside_is_one_items_and_the_next_is_brought_in(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    opened = iter([True])

    def adding() -> Adding:
        if next(opened, False):
            raise RuntimeError("secret detail")
        return Adding(desk.corpus)

    desk.queue = SourceQueue(desk.assistant, adding)
    first = desk.ended(desk.add("harbour.md", HARBOUR))
    assert (first.state, first.reason) == (
        "failed",
        "Something failed inside Pincite; its log shows what.",
    )
    assert desk.ended(desk.add("harbour.md", HARBOUR)).state == "done"
    desk.close()


def test_what_is_in_work_when_the_server_stops_says_so(desk: Desk) -> None:
    desk.embedder.held = True
    item = desk.add("log.md", LONG)
    desk.until(item, lambda now: now.of > 0)
    closing = threading.Thread(target=desk.queue.close)
    closing.start()
    time.sleep(0.1)
    desk.embedder.batches.release(1)
    closing.join(10)
    ended = desk.ended(item)
    assert (ended.state, ended.reason) == ("failed", "The server stopped. Bring it in again.")


@pytest.mark.parametrize(
    "address",
    [
        "", "/etc/passwd", "file:///etc/passwd", "ftp://example.org/a", "javascript:alert(1)",
        "https://", "https://user:word@example.org/", "https://exa mple.org/", "http://[::1",
        "https://example.org:0/", "notes.md\n", "https://example.org/" + "a" * 2_000, "harbour",
        "https://example.org/\x07", "data:text/html,x",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(address: str) -> None:
    if address == "notes.md\n":
        address = "notes\nmd.example"
    with pytest.raises(BadSetting):
        address_from(address)


def test_an_address_needs_no_scheme() -> None:
    assert address_from("example.org/feed") == "https://example.org/feed"
    assert address_from("http://localhost:8000/a") == "http://localhost:8000/a"
    assert address_from("https://müller.example/ä") == "https://müller.example/ä"


def test_a_label_is_short_and_printable() -> None:
    assert label_from("report\x1b[31m\u202e.pdf") == "report [31m .pdf"
    assert len(label_from("é" * 500 + ".pdf")) <= 200
    assert label_from("é" * 500 + ".pdf").endswith(".pdf")
    assert label_from("...") == "upload"
    assert label_from("\udcff.md").endswith(".md")


def test_remarks_are_few_and_each_is_said_once() -> None:
    told = lines_from(["same", "same", *(f"entry {number}" for number in range(30)), "x" * 2_000])
    assert len(told) == 21
    assert told[:2] == ("same", "entry 0")
    assert told[-1] == "… and 12 more."
    assert len(lines_from(["x" * 2_000])[0]) == 500
