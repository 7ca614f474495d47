"""Any source → Documents: articles as Markdown with what is known of them.

    Source ──recognise──▶ format ──read, in a process of its own──▶ Document, Document, …

Untrusted bytes are only ever parsed in that process (`process.py`), which has limits on time and
memory and no network. Files to read, in order: `document.py`, `formats.py`, `process.py`,
`worker.py`, `markdown.py`, then a format.
"""

from ingest.convert.document import Document, Entry, Skipped, Source
from ingest.convert.process import Converter

__all__ = ["Converter", "Document", "Entry", "Skipped", "Source"]
