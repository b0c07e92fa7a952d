"""Real models of every architecture, a hundred kilobytes each, with random weights."""

import json

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import (
    BartConfig,
    BartForConditionalGeneration,
    BertConfig,
    BertForSequenceClassification,
    LEDConfig,
    LEDForConditionalGeneration,
    LlamaConfig,
    LlamaForCausalLM,
    PegasusConfig,
    PegasusForConditionalGeneration,
    PreTrainedTokenizerFast,
    T5Config,
    T5ForConditionalGeneration,
    XLMRobertaConfig,
    XLMRobertaModel,
)

from transforms.models.pinned import file_sha256

TEXT = "the council voted on Monday to close two bridges after a long debate about costs"
WORDS = TEXT.split()
SPECIALS = ["<s>", "<pad>", "</s>", "<unk>", "<|im_start|>", "<|im_end|>"]
TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
SMALL = {"d_model": 16, "vocab_size": 400}
_LAYERS = {
    "encoder_layers": 1, "decoder_layers": 1, "encoder_attention_heads": 2,
    "decoder_attention_heads": 2, "encoder_ffn_dim": 32, "decoder_ffn_dim": 32, "init_std": 0.5,
    "bos_token_id": 0, "pad_token_id": 1, "eos_token_id": 2,
}  # fmt: skip
START = {"decoder_start_token_id": 2}


def tokenizer(limit, around="<s> $A </s>"):
    """Return a byte-level tokenizer with `limit` tokens of input."""
    core = Tokenizer(models.BPE())
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    core.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        special_tokens=SPECIALS,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    core.train_from_iterator([" ".join(WORDS)] * 9, trainer)
    core.post_processor = processors.TemplateProcessing(
        single=around, pair="<s> $A </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    marks = {"bos": "<s>", "eos": "</s>", "pad": "<pad>", "unk": "<unk>"}
    return PreTrainedTokenizerFast(
        tokenizer_object=core,
        extra_special_tokens=["<|im_start|>", "<|im_end|>"],
        model_max_length=limit,
        **{f"{name}_token": mark for name, mark in marks.items()},
    )


def _bart():
    return BartForConditionalGeneration(
        BartConfig(**SMALL, **_LAYERS, **START, max_position_embeddings=128)
    )


def _pegasus():
    return PegasusForConditionalGeneration(
        PegasusConfig(**SMALL, **_LAYERS, **START, max_position_embeddings=128)
    )


def _led():
    return LEDForConditionalGeneration(
        LEDConfig(
            **SMALL, **_LAYERS, **START, attention_window=16, max_encoder_position_embeddings=256,
            max_decoder_position_embeddings=128,
        )
    )  # fmt: skip


def _t5():
    return T5ForConditionalGeneration(
        T5Config(
            **SMALL, d_kv=8, d_ff=32, num_layers=1, num_heads=2, pad_token_id=1, eos_token_id=2,
            decoder_start_token_id=1, initializer_factor=5.0,
        )
    )  # fmt: skip


def _llama():
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=400, hidden_size=16, intermediate_size=32, num_hidden_layers=1,
            num_attention_heads=2, max_position_embeddings=1024, initializer_range=0.5,
            bos_token_id=0, pad_token_id=1, eos_token_id=2,
        )
    )  # fmt: skip


def _nli():
    return BertForSequenceClassification(
        BertConfig(
            vocab_size=400, hidden_size=16, intermediate_size=32, num_hidden_layers=1,
            num_attention_heads=2, max_position_embeddings=128, pad_token_id=1,
            initializer_range=0.5, num_labels=3,
            id2label={0: "contradiction", 1: "neutral", 2: "ENTAILMENT"},
            label2id={"contradiction": 0, "neutral": 1, "ENTAILMENT": 2},
        )
    )  # fmt: skip


def _xlmr():
    return XLMRobertaModel(
        XLMRobertaConfig(
            vocab_size=400, hidden_size=32, intermediate_size=64, num_hidden_layers=2,
            num_attention_heads=2, max_position_embeddings=130, pad_token_id=1,
            initializer_range=0.5,
        )
    )  # fmt: skip


MODELS = {
    "xlmr": _xlmr,
    "bart": _bart, "pegasus": _pegasus, "led": _led, "t5": _t5, "llama": _llama, "nli": _nli,
}  # fmt: skip


def save(name, folder, change=None):
    """Save the model `name` in `folder`; `change(model)` may spoil it. Return the weights' hash."""
    torch.manual_seed(3)
    model = MODELS[name]().eval()
    if change:
        with torch.no_grad():
            change(model)
    fast = tokenizer(256 if name == "led" else 1024 if name == "llama" else 128)
    if name == "llama":
        fast.chat_template = TEMPLATE
    fast.save_pretrained(folder)
    model.save_pretrained(folder)
    return file_sha256(folder / "model.safetensors")


STEPS = [
    {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
    {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
]
MEAN = {"word_embedding_dimension": 32, "pooling_mode_mean_tokens": True}
PROMPT = {"prompts": {"query": "query: "}, "default_prompt_name": "query"}


def save_encoder(folder, pooling=MEAN, prompt=PROMPT, max_tokens=40, steps=STEPS):
    """Save a sentence encoder as XLM-RoBERTa is one. Return the hash of its weights."""
    digest = save("xlmr", folder)
    (folder / "1_Pooling").mkdir()
    for name, content in (
        ("modules.json", steps),
        ("1_Pooling/config.json", pooling),
        ("config_sentence_transformers.json", prompt),
        ("sentence_bert_config.json", {"max_seq_length": max_tokens, "do_lower_case": False}),
    ):
        (folder / name).write_text(json.dumps(content))
    return digest
