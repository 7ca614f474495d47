"""The writer against a real server from a package: `transformers serve`, with a tiny model.

The model is made on the spot, with random weights, so what it says means nothing; the test is that
Pincite speaks with a server that nobody here wrote, and lends its babble no support.
"""

from __future__ import annotations

import importlib.util
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from answer.answer import Coverage
from answer.ground import ground
from answer.llm import LlmWriter
from tests.test_llm import QUESTION, articles, hits_of, quoting

SECONDS_TO_START = 120


def make_tiny_model(folder: Path) -> None:
    """A Llama of one layer with random weights, and a tokenizer trained on a few sentences."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    said = ["A ferry leaves for the islands. The mud was taken out to sea. He retired in May."] * 4
    special = ["<unk>", "<s>", "</s>"]
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    tokenizer.train_from_iterator(
        said, trainers.BpeTrainer(vocab_size=400, special_tokens=special, initial_alphabet=alphabet)
    )
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, unk_token="<unk>", bos_token="<s>", eos_token="</s>"
    )
    fast.chat_template = "{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}\n{% endfor %}"
    fast.save_pretrained(folder)
    torch.manual_seed(1)
    model = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(fast), hidden_size=32, intermediate_size=64, num_hidden_layers=1,
            num_attention_heads=2, num_key_value_heads=2, max_position_embeddings=8192,
            bos_token_id=1, eos_token_id=2,
        )
    )  # fmt: skip
    model.save_pretrained(folder)


@pytest.fixture
def babbling_server(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """The base URL of `transformers serve` and the name of the one model that it may load."""
    if importlib.util.find_spec("accelerate") is None:
        pytest.skip("transformers serve loads no model without accelerate (pip install accelerate)")
    folder = tmp_path / "tiny"
    make_tiny_model(folder)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = tmp_path / "serve.log"
    command = [
        str(Path(sys.executable).with_name("transformers")), "serve", str(folder),
        "--host", "127.0.0.1", "--port", str(port), "--device", "cpu", "--default-seed", "1",
    ]  # fmt: skip
    environment = os.environ | {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    with log.open("wb") as told:
        process = subprocess.Popen(command, env=environment, stdout=told, stderr=told)
    try:
        wait_for(f"http://127.0.0.1:{port}/health", process, log)
        yield f"http://127.0.0.1:{port}/v1", str(folder)
    finally:
        process.terminate()
        process.wait(20)


def wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < until:
        assert process.poll() is None, log.read_text("utf-8", "replace")
        try:
            if httpx.get(address, trust_env=False).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.2)
    pytest.fail(f"no answer at {address}:\n{log.read_text('utf-8', 'replace')}")


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_the_babble_of_a_real_server_supports_nothing(babbling_server: tuple[str, str]) -> None:
    url, model = babbling_server
    read = articles()
    by_sha = {article.sha256: article for article in read}
    told: list[str] = []
    asked = LlmWriter(url, quoting(), by_sha.get, model=model, seconds=60)
    draft = asked.write(QUESTION, hits_of(read), told=told.append)
    assert draft.writer == asked.name != "quotations", draft.note
    assert draft.claims
    assert told
    answer = ground(QUESTION, draft, hits_of(read), by_sha, Coverage(2, 4, None, None))
    assert {statement.verdict for statement in answer.statements} <= {"unsupported"}
    assert asked.condense("And then?", [QUESTION]) == "And then?"
