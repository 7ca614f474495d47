"""How long the prompts are, counted by a real tokenizer, and how far our own count is from it.

    python bench/prompt.py             # the questions about the sample corpus; articles; languages
    python bench/prompt.py --check     # the same; exit status 1 where a figure misses its floor

The tokenizer is cl100k_base, which llama-index brings along. `answer/llm/prompt.py` cannot ask a
model's own, so it counts characters, and rather too many tokens than too few: too few, and a server
cuts off the prompt's beginning without a word. The sentences in other languages were written for
this bench.

Left out: other tokenizers, and the tokens that a chat template adds (about four a message).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from statistics import mean, median
from tempfile import TemporaryDirectory

from llama_index.core.utils import get_tokenizer

from answer.assistant import HITS, open_assistant
from answer.llm.prompt import answer_prompt, numbered, tokens
from answer.settings import Settings
from answer.sources import distinct_hits
from bench.floors import gate, parser, show
from bench.shared import ROOT, XQUAD, absent, is_here
from ingest.read import corpus_files, read_article

SENTENCES = {
    "Greek": "Η λιμενική αρχή ανακοίνωσε ότι η νέα προβλήτα θα ανοίξει για τα πλοία την άνοιξη.",
    "Hindi": "बंदरगाह प्राधिकरण ने कहा कि नया घाट अगले वसंत में नौकाओं के लिए खुलेगा।",
    "Russian": "Портовое управление сообщило, что новый причал откроется для паромов весной.",
}
LANGUAGES = ("en", "es", "ar", "zh")  # of XQuAD

Count = Callable[[str], int]


def main() -> int:
    options = parser(__doc__).parse_args()
    tokenizer = get_tokenizer()

    def count(text: str) -> int:
        return len(tokenizer(text))

    figures = measure_prompts(count) | measure_texts(count)
    show(figures, decimals=2)
    return gate("prompt", figures, check=options.check, skipped=absent({"xquad": XQUAD}))


def measure_prompts(count: Count) -> dict[str, float]:
    """Tokens of the prompt for each question about the sample corpus, and what did not fit."""
    lines = (ROOT / "bench" / "sample_questions.jsonl").read_text("utf-8").splitlines()
    questions = [json.loads(line)["question"] for line in lines]
    lengths: list[int] = []
    left_out = 0
    with TemporaryDirectory() as folder:
        settings = Settings(corpus=ROOT / "corpus", index=Path(folder))
        with closing(open_assistant(settings)) as assistant:
            assistant.ingest()
            for question in questions:
                hits = distinct_hits(assistant.search(question, k=2 * HITS))[:HITS]
                prompt = answer_prompt(
                    question, numbered(hits), assistant.article, context=settings.llm_context
                )
                lengths.append(count(prompt.system) + count(prompt.user))
                left_out += prompt.left_out
    return {
        "questions": float(len(questions)),
        "prompt: mean tokens": mean(lengths),
        "prompt: most tokens": float(max(lengths)),
        "prompt: sentences left out": float(left_out),
    }


def measure_texts(count: Count) -> dict[str, float]:
    """Our count over the tokenizer's, for articles, paragraphs and single sentences."""
    corpus = ROOT / "corpus"
    texts = {"sample articles": [read_article(corpus, f).text for f in corpus_files(corpus)]}
    if is_here(XQUAD):
        texts |= {f"xquad.{name}": _paragraphs(name) for name in LANGUAGES}
    texts |= {name: [sentence] for name, sentence in SENTENCES.items()}
    figures: dict[str, float] = {}
    for name, every in texts.items():
        ratios = [tokens(text) / count(text) for text in every]
        if len(every) == 1:
            figures[f"{name}: ours over real"] = ratios[0]
            continue
        figures[f"{name}: ours over real, least"] = min(ratios)
        figures[f"{name}: ours over real, median"] = median(ratios)
        figures[f"{name}: ours over real, most"] = max(ratios)
    return figures


def _paragraphs(language: str) -> list[str]:
    told = json.loads(XQUAD.with_name(f"xquad.{language}.json").read_text("utf-8"))
    return [one["context"] for article in told["data"] for one in article["paragraphs"]]


if __name__ == "__main__":
    sys.exit(main())
