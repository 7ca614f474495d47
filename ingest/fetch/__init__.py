"""The one place of Pincite that asks the web for anything: `Fetcher(settings).fetch(url)`.

    url ──address──▶ host, port, target ──politeness, robots──▶ wire ──body──▶ Fetched

Addresses come from people, feeds, sitemaps and redirects, so each is checked the same way, and the
connection goes to the very address that was checked. Files to read, in order: `settings.py`,
`fetcher.py`, `address.py`, `wire.py`, `body.py`, `robots.py`, `politeness.py`.

Left out: cookies, logins, scripts, proxies, HTTP/2, and what the bytes mean (`ingest/convert`).
"""

from ingest.fetch.fetcher import Fetcher
from ingest.fetch.settings import Fetched, FetchSettings

__all__ = ["FetchSettings", "Fetched", "Fetcher"]
