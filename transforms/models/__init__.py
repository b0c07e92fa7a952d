"""The models: an encoder that every article goes through, and larger ones that the default lacks.

The modules:
    contract       what a `Writer` of summaries is, and a `Judge` of entailment
    pinned         which files a model is, and that they are the right ones
    store          the pins: lock file and config; the folder for models of the hub
    hub            fetching a model, once, by `newsbeam models pull`
    loaders        models as values, loaded when they are first called
    encoder        texts to vectors
    bert           the kind of model that both encoders are, in torch alone
    known          vectors of the texts that newsbeam brings itself
    vectors/       the files that hold them
    encoder_files  how an encoder's own files say that its vectors are made
    multilingual   the encoder for other languages, unpacked from its file of 4-bit weights
    unigram        text into the pieces that it was trained with
    device         which device, and which number format
    halving        batches in halves, where memory is short
    runtime        batches by length, of models of transformers
    local          what the writers that run here have in common
    seq2seq        BART, PEGASUS, T5, LED and the like
    causal         chat models, from safetensors or GGUF
    plugins      summarisers and judges that others wrote
    prompt         what a chat model is asked, and how the article is kept apart from it
    answer         what a chat model says around a summary, taken off
    endpoint       where such a model is, and the key for it
    remote         any endpoint that speaks the OpenAI protocol
    nli            entailment by any model that was trained for it
    linear         a head on the embedded vectors, trained on a user's file
    cache          results, kept, so that nothing is computed twice

To import contract, pinned, store, loaders, cache and prompt is light; the others import
torch or a client.
"""
