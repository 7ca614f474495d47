"""The page: chat on the left, evidence on the right. Layout and events only.

The chat is only ever written, never read: what was said is kept in the session, so a forged history
reaches neither an answer nor Gradio's file handling.

Left out: what is said (`conversation.py`), HTML (`render.py`), looks (`style.css`), what a click on
a citation does (`page.js`).
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
from web import conversation, render
from web.conversation import Narrowing, Turns

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # read when gradio is imported: no look-ups
import gradio as gr

if TYPE_CHECKING:
    from answer.assistant import Assistant

SUGGESTIONS = 4
_REFRESH = 2.0  # seconds between two looks at a corpus that is still being read
_KEPT = 24 * 3600.0  # seconds that a conversation nobody touches is kept
_QUIET: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
_HERE = Path(__file__).parent


def mount_page(app: FastAPI, assistant: Assistant) -> None:
    """Put the page at `/` of an application."""
    page = build_page(assistant)
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
        css=(_HERE / "style.css").read_text("utf-8"),
    )
    # Gradio 6.31 checks file paths only in a page that `launch()` has started: without this line a
    # forged file payload is handed any file of the machine. tests/test_api.py sends such payloads.
    page.has_launched = True


def build_page(assistant: Assistant) -> gr.Blocks:
    """The page of one assistant."""
    with gr.Blocks(title="Pincite", analytics_enabled=False, fill_width=True) as page:
        turns = gr.State((), time_to_live=_KEPT)
        with gr.Row(elem_id="top"):
            masthead = gr.HTML(elem_id="masthead")
            clear = gr.Button("New conversation", elem_id="clear", size="sm", scale=0)
        with gr.Row(elem_id="panes"):
            with gr.Column(elem_id="chat-pane", scale=6, min_width=300):
                chat = _chat()
                with gr.Row(elem_id="suggestions") as suggestions:
                    chips = [gr.Button(visible=False, size="sm") for _ in range(SUGGESTIONS)]
                with gr.Accordion("Narrow by source or date", open=False, elem_id="filters"):
                    filters = _filters()
                box = _question_box()
            with gr.Column(elem_id="evidence-pane", scale=5, min_width=300):
                evidence = _evidence(assistant)
        refresh = gr.Timer(_REFRESH, active=False)

        events = Events(assistant)
        shown = [box, chat, evidence, turns, suggestions]
        asking = [
            asks(events.ask, [asked, *filters, turns], shown, concurrency_limit=8, **_QUIET)
            for asks, asked in [(box.submit, box), *((chip.click, chip) for chip in chips)]
        ]
        box.stop(events.stop, turns, shown, cancels=asking, **_QUIET)
        clear.click(events.clear, None, shown, cancels=asking, **_QUIET)
        opened = [masthead, chat, refresh, *chips, *filters]
        page.load(events.open, None, opened, **_QUIET)
        refresh.tick(events.open, None, opened, **_QUIET)
    return page


class Events:
    """What happens on the page, bound to one assistant."""

    def __init__(self, assistant: Assistant) -> None:
        self.assistant = assistant

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
    ) -> AsyncIterator[list[Any]]:
        """Show the reply as it grows."""
        narrowing = Narrowing(publishers, since, until, languages)
        running = gr.Textbox(value="", submit_btn=False, stop_btn=True)
        async for now, evidence in conversation.replies(self.assistant, question, narrowing, turns):
            turns = now
            yield [running, *_shown(turns, evidence)]
            running = gr.Textbox()
        yield [gr.Textbox(submit_btn=True, stop_btn=False), *_shown(turns)]

    def stop(self, turns: Turns) -> list[Any]:
        """Keep what has arrived."""
        idle = gr.Textbox(submit_btn=True, stop_btn=False)
        return [idle, *_shown(conversation.stopped(turns))]

    def clear(self) -> list[Any]:
        """Begin again."""
        idle = gr.Textbox(value="", submit_btn=True, stop_btn=False)
        return [idle, *_shown((), render.no_evidence_html())]


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
        placeholder="Ask the articles a question",
        lines=1,
        max_lines=6,
        max_length=2_000,
        submit_btn=True,
        autofocus=True,
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
