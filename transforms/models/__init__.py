"""Larger models behind one contract each; the default needs none of them.

    base      what an engine is: a `Writer` of summaries, a `Judge` of entailment
    store     which files a model is, that they are the pinned ones; the lock file
    hub       fetching a model, once, by `newsbeam models pull`
    prompt    what a chat model is asked, and how the article is kept apart from it
    runtime   device, number format, batches by length, halving when memory is short
    seq2seq   BART, PEGASUS, T5, LED and the like
    causal    chat models, from safetensors or GGUF
    remote    any endpoint that speaks the OpenAI protocol
    nli       entailment by any model that was trained for it
    linear    a head on the embedded vectors, trained on a user's file

Only `base`, `store` and `prompt` are light to import; the others import torch or a client.
"""
