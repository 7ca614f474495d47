"""The OpenAPI description → one plain page that lists the operations; needs no CDN, runs no script.

Left out: trying operations out. The page shows a `curl` line to start from instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from typing import Any

_STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.55 system-ui, sans-serif; max-width: 46rem; margin: 3rem auto;
  padding: 0 1.2rem; }
h1 { font: 600 1.7rem/1.2 Charter, Georgia, serif; margin: 0; }
h2 { font: 600 1rem/1.4 ui-monospace, monospace; margin: 2.4rem 0 .2rem; padding-top: 1.4rem;
  border-top: 1px solid #8884; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
td { padding: .3rem .8rem .3rem 0; vertical-align: top; border-top: 1px solid #8883; }
code, pre { font: .85rem/1.5 ui-monospace, monospace; }
pre { background: #8881; padding: .8rem; border-radius: 6px; overflow-x: auto; }
"""
_EXAMPLE = """curl -s localhost:7860/api/ask -H 'Content-Type: application/json' \\
     -d '{"question": "Who flew the drone?"}'"""


def docs_html(openapi: dict[str, Any]) -> str:
    """The page for an OpenAPI 3.1 description such as `app.openapi()`."""
    schemas = openapi.get("components", {}).get("schemas", {})
    operations = "".join(
        _operation(path, method, operation, schemas)
        for path, methods in openapi["paths"].items()
        for method, operation in methods.items()
    )
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(openapi['info']['title'])} API</title><style>{_STYLE}</style>"
        f"<h1>{escape(openapi['info']['title'])} API</h1>"
        f"<p>{escape(openapi['info'].get('description', ''))} "
        'For machines: <a href="/openapi.json">openapi.json</a>. '
        'For people: <a href="/">the page</a>.</p>'
        f"<pre>{escape(_EXAMPLE)}</pre>{operations}</html>"
    )


def _operation(path: str, method: str, operation: dict[str, Any], schemas: dict[str, Any]) -> str:
    rows = [
        (one["name"], one["schema"], one.get("description", ""), one["in"])
        for one in operation.get("parameters", ())
    ]
    body = _schema(operation.get("requestBody", {}), schemas)
    rows += [(*row, "body") for row in _fields(body, schemas)]
    reply = _schema(operation["responses"].get("200", {}), schemas)
    replies = [(*row, "reply") for row in _fields(reply, schemas, deep=False)]
    about = " ".join(filter(None, (operation.get("description"), reply.get("description"))))
    return (
        f"<h2>{escape(method.upper())} {escape(path)}</h2><p>{_prose(about)}</p>"
        f"<table>{''.join(_row(*row) for row in [*rows, *replies])}</table>"
    )


def _row(name: str, schema: dict[str, Any], description: str, where: str) -> str:
    return (
        f"<tr><td>{escape(where)}</td><td><code>{escape(name)}</code></td>"
        f"<td><code>{escape(_type(schema))}</code></td><td>{_prose(description)}</td></tr>"
    )


def _prose(text: str) -> str:
    """Words with `code` among them."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))


def _schema(content: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    found = content.get("content", {}).get("application/json", {}).get("schema", {})
    return dict(schemas.get(_name(found), found))


def _fields(
    schema: dict[str, Any], schemas: dict[str, Any], *, deep: bool = True
) -> Iterator[tuple[str, dict[str, Any], str]]:
    for name, field in schema.get("properties", {}).items():
        inner = schemas.get(_name(field), {})
        yield name, field, field.get("description") or inner.get("description", "")
        if deep:
            for below, kind, about in _fields(inner, schemas):
                yield f"{name}.{below}", kind, about


def _type(schema: dict[str, Any]) -> str:
    """`array of string`, `integer or null`, the name of a schema."""
    if "anyOf" in schema:
        return " or ".join(_type(option) for option in schema["anyOf"])
    if schema.get("type") == "array":
        first = (schema.get("prefixItems") or [{}])[0]
        return f"list of {_type(schema.get('items') or first)}"
    if "enum" in schema:
        return " or ".join(repr(value) for value in schema["enum"])
    return str(schema.get("type") or _name(schema) or "any")


def _name(schema: dict[str, Any]) -> str:
    return str(schema.get("$ref", "")).rpartition("/")[2]
