"""Mail and mailboxes, written by Python's email package or byte by byte where they are damaged."""

from __future__ import annotations

import mailbox
from contextlib import suppress
from email.message import EmailMessage
from email.mime.text import MIMEText
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.convert import Converter
from ingest.convert.document import Document, Entry, Skipped, Source
from ingest.convert.mail import read
from ingest.convert.prose import paragraphs
from ingest.errors import UnreadableSource
from tests.clock import at_most


def letter(text: str = "The harbour gate opened.", **headers: str) -> EmailMessage:
    message = EmailMessage()
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message


def parts(message: EmailMessage | bytes, name: str = "a.eml") -> list[Document | Entry | Skipped]:
    data = message if isinstance(message, bytes) else message.as_bytes()
    return list(read(Source(name, data)))


def only(message: EmailMessage | bytes) -> Document:
    (document,) = parts(message)
    assert isinstance(document, Document)
    return document


def test_message_keeps_its_text_and_what_its_headers_say() -> None:
    message = letter(
        "The tide gauge at the old pier stood eleven centimetres above the mark of last winter, and\n"
        "nobody had touched it.\n\nWe measured twice.\n\n- at noon\n- at dusk\n",
        Subject="Ebbe & Flut: die Pegel – ein Überblick",
        From="Änne Bell <anne@example.org>, tom@example.org",
        Date="Tue, 30 Nov 2021 23:30:00 -0500",
        List_Id="The Daily Tide <daily.example.org>",
        Archived_At="<https://lists.example.org/tide/12>",
        Message_ID="<1@example.org>",
    )
    message["Content-Language"] = "en-GB"
    assert only(message) == Document(
        body=(
            "The tide gauge at the old pier stood eleven centimetres above the mark of last winter, "
            "and nobody had touched it.\n\nWe measured twice.\n\n- at noon\n- at dusk"
        ),
        title="Ebbe & Flut: die Pegel – ein Überblick",
        authors=("Änne Bell", "tom@example.org"),
        publisher="The Daily Tide",
        published="2021-11-30",
        url="https://lists.example.org/tide/12",
        language="en-GB",
    )


def test_domain_of_the_sender_is_no_publisher() -> None:
    document = only(letter(From="Anna Bell <anna@gmail.com>"))
    assert (document.publisher, document.authors) == (None, ("Anna Bell",))


def test_number_that_a_mailing_service_puts_for_a_list_is_no_publisher() -> None:
    message = letter(List_Id="d3b07384d113edec49eaa6238ad5ff00 list <d3b07384.mcsv.example>")
    assert only(message).publisher is None


def test_message_without_headers_has_a_body_and_nothing_else() -> None:
    assert only(letter()) == Document(body="The harbour gate opened.")


def test_date_that_is_none_becomes_a_remark() -> None:
    raw = b"Subject: Tides\nDate: yesterday\n\nThe gate opened.\n"
    document = only(raw)
    assert document.published is None
    assert document.remarks == ("its date “yesterday” is not a date",)


def test_quoted_lines_stay_block_quotes_and_end_where_the_reply_begins() -> None:
    text = "On Monday Tom wrote:\n> Is the gate <b>open</b>?\n>> Was it?\n> # no heading\nIt is.\n"
    assert only(letter(text)).body == (
        "On Monday Tom wrote:\n\n> Is the gate <b>open</b>?\n\n> > Was it?\n\n> # no heading\n\nIt is."
    )


def test_signature_is_left_out_but_not_a_long_text_below_dashes() -> None:
    assert only(letter("It opened.\n\n-- \nAnna Bell\nHarbour Street 3\n")).body == "It opened."
    long = "It opened.\n\n-- \n" + "More of the story.\n" * 40
    assert only(letter(long)).body.count("More of the story.") == 40


def test_flowed_lines_become_the_paragraph_that_was_typed() -> None:
    message = EmailMessage()
    message["Content-Type"] = "text/plain; charset=utf-8; format=flowed; delsp=no"
    message.set_payload("The gate \nopened at noon.\n> Did it \n> open?\n\n-- \nAnna\n")
    assert only(message.as_bytes()).body == "The gate opened at noon.\n\n> Did it open?"


def test_short_lines_that_nobody_wrapped_keep_their_breaks() -> None:
    assert (
        paragraphs("Harbour Street 3\nKiel\n\nRoses\nare red")
        == "Harbour Street 3\nKiel\n\nRoses\nare red"
    )


def test_year_that_a_line_was_wrapped_before_stays_in_its_sentence() -> None:
    text = (
        "The tide gauge at the old pier was moved for the second time since\n1974. Nobody knew.\n"
    )
    assert only(letter(text)).body.endswith("for the second time since 1974. Nobody knew.")


def test_numbered_items_stay_apart_although_they_fill_their_lines() -> None:
    first = "1. The tide gauge at the old pier was moved for the second time since."
    assert paragraphs(f"{first}\n2. Nobody knew.") == f"{first}\n2. Nobody knew."


def test_plain_text_is_preferred_to_the_same_in_html() -> None:
    message = letter("The gate opened at noon.")
    message.add_alternative("<p>The gate <b>opened</b> at noon.</p>", subtype="html")
    assert only(message).body == "The gate opened at noon."


def test_html_is_taken_where_the_plain_text_only_points_to_it() -> None:
    message = letter("View this mail in your browser.")
    message.add_alternative(
        "<h2>Tides</h2><p>" + "The gate opened at noon. " * 20 + "</p>", subtype="html"
    )
    assert only(message).body.startswith("## Tides\n\nThe gate opened at noon. The gate")


def test_html_alone_becomes_markdown() -> None:
    message = EmailMessage()
    message.set_content("<p>One.</p><ul><li>Two</li></ul>", subtype="html")
    assert only(message).body == "One.\n\n- Two"


def test_wrong_and_unknown_charsets_still_give_the_words() -> None:
    text = " ".join(
        (
            "Die Flut stieg über die Mauer, und später fiel sie wieder.",
            "Am Abend standen die Häuser der Straße im Wasser, und für eine Nacht blieb es dort.",
            "Die Schüler gingen früher nach Hause, weil niemand wusste, wie hoch es würde.",
        )
    )
    wrong = b"Content-Type: text/plain; charset=us-ascii\nContent-Transfer-Encoding: 8bit\n\n"
    unknown = b"Content-Type: text/plain; charset=x-nobody-knows\n\n"
    assert only(wrong + text.encode()).body == text
    assert only(unknown + text.encode("cp1252")).body == text


def test_headers_in_bare_utf8_are_read() -> None:
    document = only("Subject: Größe\nFrom: Jörg <j@example.org>\n\nText.".encode())
    assert (document.title, document.authors) == ("Größe", ("Jörg",))


def test_attachments_come_as_entries_with_name_and_type_and_pictures_of_the_text_do_not() -> None:
    message = letter("See the table.")
    message.add_attachment(b"title,text\n", maintype="text", subtype="csv", filename="Größen.csv")
    message.add_attachment(
        b"\x89PNG", maintype="image", subtype="png", disposition="inline", cid="<logo>"
    )
    message.add_attachment("A note.", filename="dir/../note.txt")
    text, table, note = parts(message)
    assert isinstance(text, Document)
    assert isinstance(table, Entry)
    assert isinstance(note, Entry)
    assert (table.source.name, table.source.data) == ("Größen.csv", b"title,text\n")
    assert table.source.media_type == "text/csv"
    assert (note.source.name, note.source.data.strip()) == ("note.txt", b"A note.")


def test_attached_files_are_converted_and_those_of_no_format_are_named() -> None:
    message = letter("See below.")
    message.add_attachment("The second text.", filename="note.txt")
    message.add_attachment(b"\x00\x01", maintype="application", subtype="x-own", filename="a.own")
    with Converter() as converter:
        found = list(converter.convert(Source("a.eml", message.as_bytes())))
    assert [(one.part, one.body) for one in found if isinstance(one, Document)] == [
        (None, "See below."),
        ("note.txt", "The second text.\n"),
    ]
    (skipped,) = (one for one in found if isinstance(one, Skipped))
    assert skipped.part == "a.own"
    assert "no known format" in skipped.reason


def test_forwarded_message_is_an_article_of_its_own() -> None:
    outer = letter("Please read.", Subject="Fwd", From="Tom <t@example.org>")
    outer.add_attachment(letter("The gate opened.", Subject="Gate", From="Anna <a@example.org>"))
    first, second = parts(outer)
    assert isinstance(first, Document)
    assert isinstance(second, Document)
    assert (first.title, first.authors, first.part) == ("Fwd", ("Tom",), None)
    assert (second.title, second.authors, second.part) == ("Gate", ("Anna",), "attached message 1")
    assert second.body == "The gate opened."


@pytest.mark.parametrize(
    "raw",
    [
        b"Content-Type: multipart/encrypted; boundary=b\n\n--b\n\nx\n--b--\n",
        b"Content-Type: application/pkcs7-mime; name=smime.p7m\n\nMIIB\n",
        b"Subject: x\n\n-----BEGIN PGP MESSAGE-----\n\nhQEM\n-----END PGP MESSAGE-----\n",
    ],
    ids=["multipart", "smime", "inline"],
)
def test_encrypted_mail_is_declined_with_what_to_do(raw: bytes) -> None:
    with pytest.raises(UnreadableSource, match=r"is encrypted\. Open it in your mail program"):
        parts(raw)


def test_signed_mail_is_read_without_its_seal() -> None:
    raw = (
        b"Subject: Gate\n\n-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nThe gate opened.\n"
        b"- -- dashes\n-----BEGIN PGP SIGNATURE-----\n\niQEz\n-----END PGP SIGNATURE-----\n"
    )
    assert only(raw).body == "The gate opened.\n-- dashes"


@pytest.fixture
def mailbox_of_three(tmp_path: Path) -> bytes:
    box = mailbox.mbox(tmp_path / "three.mbox")
    for number, text in enumerate(
        ("First.\n\nFrom here on it rained.", "Second.\n\nFrom: a header, it seems", "Third."),
        start=1,
    ):
        message = letter(text, Subject=f"No. {number}", Message_ID=f"<{number}@example.org>")
        message["From"] = "Anna Bell <anna@example.org>"
        message["Date"] = f"Tue, {number} Nov 2021 10:00:00 +0000"
        box.add(message)
    box.close()
    return (tmp_path / "three.mbox").read_bytes()


def test_mailbox_gives_each_message_with_its_id_and_lines_with_from_in_texts(
    mailbox_of_three: bytes,
) -> None:
    found = parts(mailbox_of_three, "three.mbox")
    bodies = ("First.\n\nFrom here on it rained.", "Second.\n\nFrom: a header, it seems", "Third.")
    assert found == [
        Document(
            body=body,
            title=f"No. {number}",
            authors=("Anna Bell",),
            published=f"2021-11-0{number}",
            part=f"<{number}@example.org>",
        )
        for number, body in enumerate(bodies, start=1)
    ]


def test_text_that_only_looks_like_the_next_message_splits_none() -> None:
    raw = (
        b"From a@example.org Tue Nov 30 10:00:00 2021\nSubject: One\n\nA.\n\nFrom here:\nNote: b\n\n"
        b"From b@example.org Tue Nov 30 11:00:00 2021\r\nSubject: Two\r\n\r\nC.\r\n"
    )
    assert [one.title for one in parts(raw, "x.mbox") if isinstance(one, Document)] == [
        "One",
        "Two",
    ]


def test_message_of_a_mailbox_that_cannot_be_read_is_skipped_and_the_others_are_not() -> None:
    line = b"From a@example.org Tue Nov 30 10:00:00 2021\n"
    locked = b"Message-ID: <2@x>\nContent-Type: multipart/encrypted; boundary=b\n\n--b--\n\n"
    raw = line + b"Subject: One\n\nA.\n\n" + line + locked + line + b"Subject: Three\n\n...\n\n"
    first, second, third = parts(raw, "x.mbox")
    assert isinstance(first, Document)
    assert first.part == "message 1"
    assert isinstance(second, Skipped)
    assert (second.part, second.reason[:12]) == ("<2@x>", "is encrypted")
    assert third == Skipped("message 3", "holds no text.")


def test_mailbox_of_five_thousand_is_read_message_by_message() -> None:
    line = b"From a@example.org Tue Nov 30 10:00:00 2021\n"
    raw = b"".join(line + b"Subject: No. %d\n\nWords.\n\n" % n for n in range(5000))
    with at_most(1):
        reader = read(Source("x.mbox", raw))
        next(reader)
    assert sum(isinstance(one, Document) for one in reader) == 4999


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"Subject: Gate\n\n", "holds no text"),
        (b"no mailbox at all", "holds no message"),
    ],
)
def test_nothing_to_read_is_said(raw: bytes, why: str) -> None:
    name = "x.mbox" if b"mailbox" in raw else "x.eml"
    with pytest.raises(UnreadableSource, match=why):
        parts(raw, name)


@pytest.mark.parametrize(
    "raw",
    [
        b"From: " + b"(" * 50_000 + b"\n\ntext",
        b"From: " + b'"' * 200_000 + b"\n\ntext",
        b"Subject: " + b"=?utf-8?q?a?= " * 50_000 + b"\n\ntext",
        b"Content-Type: text/plain" + b"; a=b" * 50_000 + b"\n\ntext",
        b"Content-Type: message/rfc822\n\n" * 3_000 + b"text",
        b"".join(
            b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(3_000)
        )
        + b"\ntext",
        b"\n" + b">" * 300_000 + b" text",
        b"\n" + b"> text\n" * 50_000,
        b"\n-----BEGIN PGP SIGNED MESSAGE-----\n\n" * 20_000,
    ],
    ids=[
        "parens",
        "quotes",
        "words",
        "parameters",
        "rfc822",
        "multipart",
        "marks",
        "quoted",
        "pgp",
    ],
)
def test_hostile_mail_takes_no_long_time(raw: bytes) -> None:
    with at_most(5), suppress(UnreadableSource):
        parts(raw)


_HEADERS = st.sampled_from(
    [
        "Subject: =?utf-8?b?4pyT?=\n", "Subject: =?x?q?=\n", "From: <>\n", "From: a@\n", "From: \x00\n",
        "Date: 31 Feb 2021\n", "Message-ID: <\n", "Content-Type: multipart/mixed; boundary=b\n",
        "Content-Type: text/html; charset=utf-16\n", "Content-Type: message/rfc822\n", "Content-Type:\n",
        "Content-Transfer-Encoding: base64\n", "Content-Transfer-Encoding: x-uuencode\n",
        "Content-Disposition: attachment; filename*=\x00'x'%ff\n", "Content-Type: a; charset*=%00''x\n",
        "Content-Type: multipart/alternative; boundary=b\n", "From a 10:00 2021\n", "\n", "--b\n",
        "--b--\n", "text\n", "begin 644 x\n", "> text\n", ">From x\n", "Content-Type: é\n",
    ]
)  # fmt: skip


@given(st.lists(_HEADERS | st.text(max_size=20), max_size=30), st.sampled_from(["a.eml", "a.mbox"]))
def test_any_mail_is_read_or_declined(pieces: list[str], name: str) -> None:
    data = "".join(pieces).encode("utf-8", "surrogatepass")
    try:
        for one in read(Source(name, data)):
            assert isinstance(one, Document | Entry | Skipped)
    except UnreadableSource:
        pass


def test_text_in_a_legacy_transfer_encoding_is_decoded() -> None:
    message = MIMEText("Die Flut stieg über die Mauer.", "plain", "iso-8859-1")
    assert only(message.as_bytes()).body == "Die Flut stieg über die Mauer."
