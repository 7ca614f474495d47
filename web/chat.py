"""The page: chat or library on the left, evidence on the right. Layout and events only.

The chat is only ever written, never read: what was said is kept in the session, so a forged history
reaches neither an answer nor Gradio's file handling.

Left out: what is said (`conversation.py`), HTML (`render.py`), looks (`style.css`), what a click on
a citation does (`page.js`), and all of the library (`library.*`, `library_*.js`).
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI

from answer.answer import Coverage
from index.catalog import Facets
from ingest.errors import PinciteError
from web import conversation, render, running
from web.conversation import Narrowing, Turns
from web.running import RunningReplies

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # read when gradio is imported: no look-ups
import gradio as gr

if TYPE_CHECKING:
    from answer.assistant import Assistant

SUGGESTIONS = 4
_REFRESH = 2.0  # seconds between two looks at a corpus that is still being read
_KEPT = 24 * 3600.0  # seconds that a conversation nobody touches is kept
_AT_ONCE = 8  # replies of one kind that are made at the same time
_QUIET: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
_PROMPTS = {
    conversation.ASK: "Ask the articles a question",
    conversation.CHECK: "Paste quoted words: are they in the articles, exactly?",
    conversation.REVIEW: "Paste a paragraph: what of it do the articles support?",
}
_VIEWS = '<nav aria-label="Views"><a href="#ask">Ask</a><a href="#library">Library</a></nav>'
_LIBRARY_SCRIPT = ("library.js", "library_versions.js", "library_queue.js")
_HERE = Path(__file__).parent


def mount_page(app: FastAPI, assistant: Assistant, *, takes_sources: bool = False) -> None:
    """Put the page at `/` of an application; `takes_sources` where that has `/api/sources`."""
    page = build_page(assistant, takes_sources=takes_sources)
    gr.mount_gradio_app(
        app,
        page,
        path="/",
        footer_links=[],
        run_history=False,
        enable_monitoring=False,
        pwa=False,
        ssr_mode=False,
        mcp_server=False,
        show_error=False,
        max_file_size=1,
        favicon_path=str(_HERE / "icon.svg"),
        theme=gr.themes.Base(font=["system-ui", "sans-serif"], font_mono=["monospace"]),
        css="".join((_HERE / name).read_text("utf-8") for name in ("style.css", "library.css")),
    )
    # Gradio 6.31 checks file paths only in a page that `launch()` has started: without this line a
    # forged file payload is handed any file of the machine. tests/test_api.py sends such payloads.
    page.has_launched = True


def build_page(assistant: Assistant, *, takes_sources: bool = False) -> gr.Blocks:
    """The page of one assistant; `takes_sources` where sources can be brought in by it."""
    with gr.Blocks(title="Pincite", analytics_enabled=False, fill_width=True) as page:
        turns = gr.State((), time_to_live=_KEPT)
        question = gr.State(conversation.ASK)  # what a suggestion is, whatever the box is for
        with gr.Row(elem_id="top"):
            masthead = gr.HTML(elem_id="masthead")
            gr.HTML(_VIEWS, elem_id="views")
            clear = gr.Button("New conversation", elem_id="clear", size="sm", scale=0)
        with gr.Row(elem_id="panes"):
            with gr.Column(elem_id="chat-pane", scale=6, min_width=300):
                chat = _chat()
                with gr.Row(elem_id="suggestions") as suggestions:
                    chips = [gr.Button(visible=False, size="sm") for _ in range(SUGGESTIONS)]
                with gr.Accordion("Narrow by source or date", open=False, elem_id="filters"):
                    filters = _filters()
                mode = _mode()
                box = _question_box()
            with gr.Column(elem_id="library-pane", scale=6, min_width=300):
                library = _library(takes_sources=takes_sources)
            with gr.Column(elem_id="evidence-pane", scale=5, min_width=300):
                evidence = _evidence(assistant)
        refresh = gr.Timer(_REFRESH, active=False)

        events = Events(assistant)
        shown = [box, chat, evidence, turns, suggestions]
        for asks, asked, as_what in [
            (box.submit, box, mode),
            *((chip.click, chip, question) for chip in chips),
        ]:
            given = [asked, *filters, turns, as_what]
            asks(events.ask, given, shown, concurrency_limit=_AT_ONCE, **_QUIET)
        box.stop(events.stop, None, None, concurrency_limit=_AT_ONCE, **_QUIET)
        clear.click(events.clear, None, shown, concurrency_limit=_AT_ONCE, **_QUIET)
        mode.change(events.prompt, mode, box, **_QUIET)
        opened = [masthead, chat, refresh, *chips, *filters]
        page.load(events.open, None, opened, **_QUIET)
        page.load(events.recall, None, shown, **_QUIET)
        refresh.tick(events.open, None, opened, **_QUIET)
        library.stocked(events.open, None, opened, **_QUIET)
    return page


class Events:
    """What happens on the page, bound to one assistant."""

    def __init__(self, assistant: Assistant) -> None:
        self.assistant = assistant
        self.running = RunningReplies()

    def open(self) -> list[Any]:
        """Show the corpus as it is now; look again soon while it is being read."""
        trouble, reading = "", self.assistant.ingesting
        try:
            coverage, facets = self.assistant.coverage(), self.assistant.facets()
            texts = self.assistant.suggestions(SUGGESTIONS) if coverage.articles else ()
        except PinciteError as error:
            trouble, texts = str(error), ()
            coverage, facets = Coverage(0, 0, None, None), Facets((), (), None, None)
        chips = [gr.Button(text, visible=True) for text in texts[:SUGGESTIONS]]
        chips += [gr.Button(visible=False)] * (SUGGESTIONS - len(chips))
        languages = _counted(facets.languages)
        return [
            render.masthead_html(coverage, reading=reading),
            gr.Chatbot(placeholder=render.welcome_html(coverage, reading=reading, trouble=trouble)),
            gr.Timer(active=reading or coverage.articles == 0),
            *chips,
            gr.Dropdown(choices=_counted(facets.publishers)),
            gr.Textbox(placeholder=facets.first or "2021-11-30"),
            gr.Textbox(placeholder=facets.last or "2021-11-30"),
            gr.Dropdown(choices=languages, visible=len(languages) > 1),
        ]

    async def ask(
        self,
        question: object,
        publishers: object,
        since: object,
        until: object,
        languages: object,
        turns: Turns,
        mode: object,
        request: gr.Request,
    ) -> AsyncIterator[list[Any]]:
        """Show the reply as it grows, until it is there or the reader stops it."""
        narrowing = Narrowing(publishers, since, until, languages)
        box, idle = gr.Textbox(value="", submit_btn=False, stop_btn=True), _idle()
        growing = conversation.replies(self.assistant, question, narrowing, turns, mode)
        with self.running.begun(str(request.session_hash)) as reply:
            async for now, evidence in running.until(reply.stopped, growing):
                turns = now
                yield [box, *_shown(turns, evidence)]
                box = gr.Textbox()
            if reply.forgotten:
                return
            if reply.stopped.is_set():
                turns = conversation.stopped(turns)
            yield [idle, *_shown(turns)]

    def prompt(self, mode: object) -> gr.Textbox:
        """Say what the box is for."""
        return gr.Textbox(placeholder=_PROMPTS.get(str(mode), _PROMPTS[conversation.ASK]))

    def recall(self, request: gr.Request) -> list[Any]:
        """Show the answer that the address names (`/?answer=…`), as it was kept."""
        named = request.query_params.get("answer")
        if named is None:
            return [gr.skip()] * 5
        return [gr.Textbox(), *_shown(*conversation.recalled(self.assistant, named))]

    async def stop(self, request: gr.Request) -> None:
        """Have the reply end; what has arrived of it stays."""
        await self.running.stop(str(request.session_hash))

    async def clear(self, request: gr.Request) -> list[Any]:
        """Begin again."""
        await self.running.stop(str(request.session_hash), forget=True)
        return [_idle(value=""), *_shown((), render.no_evidence_html())]


def _idle(**more: Any) -> gr.Textbox:
    """The box when no reply is under way."""
    return gr.Textbox(submit_btn=True, stop_btn=False, **more)


def _shown(turns: Turns, evidence: str | None = None) -> list[Any]:
    """Chat, evidence, state and suggestions for a conversation."""
    pane = gr.skip() if evidence is None else evidence
    return [conversation.messages(turns), pane, turns, gr.Row(visible=not turns)]


def _counted(names: tuple[tuple[str, int], ...]) -> list[tuple[str, str]]:
    return [(f"{name} ({articles:,})", name) for name, articles in names]


def _chat() -> gr.Chatbot:
    return gr.Chatbot(
        show_label=False,
        container=False,
        elem_id="chat",
        height=None,
        layout="bubble",
        buttons=[],
        feedback_options=None,
        latex_delimiters=[],
        allow_tags=False,
        sanitize_html=True,
        render_markdown=True,
        group_consecutive_messages=False,
        autoscroll=False,  # page.js keeps the beginning of an answer in view, not its end
    )


def _question_box() -> gr.Textbox:
    return gr.Textbox(
        show_label=False,
        container=False,
        elem_id="question",
        placeholder=_PROMPTS[conversation.ASK],
        lines=1,
        max_lines=6,
        max_length=20_000,
        submit_btn=True,
        autofocus=True,
    )


def _mode() -> gr.Radio:
    return gr.Radio(
        list(_PROMPTS),
        value=conversation.ASK,
        show_label=False,
        label="What the box is for",
        container=False,
        elem_id="mode",
    )


def _filters() -> list[gr.components.Component]:
    """Publishers, from, to, languages. Their choices come when the page opens."""
    with gr.Row():
        several: dict[str, Any] = {"multiselect": True}
        return [
            gr.Dropdown([], label="Publishers", scale=3, min_width=150, **several),
            gr.Textbox(label="From", max_length=10, scale=2, min_width=110, elem_id="since"),
            gr.Textbox(label="To", max_length=10, scale=2, min_width=110, elem_id="until"),
            gr.Dropdown([], label="Languages", scale=2, min_width=110, **several),
        ]


def _library(*, takes_sources: bool) -> gr.HTML:
    """Drawn by library.js from the API, as text nodes; `stocked` is its word for a change."""
    return gr.HTML(
        "takes sources" if takes_sources else "",
        elem_id="library",
        html_template=(_HERE / "library.html").read_text("utf-8"),
        js_on_load="".join((_HERE / name).read_text("utf-8") for name in _LIBRARY_SCRIPT),
        apply_default_css=False,
    )


def _evidence(assistant: Assistant) -> gr.HTML:
    def evidence(request: object) -> str | None:
        """Called by page.js with [place, the answer's further places]."""
        place, others = request if isinstance(request, list) and len(request) == 2 else (None, ())
        return conversation.evidence(assistant, place, others)

    return gr.HTML(
        render.no_evidence_html(),
        elem_id="evidence",
        html_template='<section aria-label="Evidence" tabindex="-1">${value}</section>',
        js_on_load=(_HERE / "page.js").read_text("utf-8"),
        server_functions=[evidence],
        apply_default_css=False,
    )
