"""What is done to articles: the steps of the graph, and what the steps use.

The steps, in the order of the graph (pipeline/graph.py):

    read        files -> documents
    messages    the same for the messages of Kafka and Pub/Sub
    windows     on unbounded input: windows of arrival
    parse       document -> article, by the format that wrote it
    clean/      readable title and text, the language; what is no article is rejected
    dedupe/     what each article is: new, a new version, unchanged, a copy
    fulltext    the page of a feed item that brings only a teaser
    encode      sentences and their vectors: the one pass of the encoder
    summarize/  sentences of the article, or a model's draft that is checked against it
    classify/   topics
    relate/     near-duplicates and stories
    write       publish, and take out what was replaced

What leaves a step sideways:

    deadletter  `TryMap`: how each step makes dead letters
    letters     dead letters in `_rejected/`

What keeps one document from stopping the rest:

    isolation   what a document makes code raise, told from what says that the machine fails
    bounds      processor time and memory that a document may take
    under_way   what this process is working on, for the one that comes after its death
    trial       work on one document in a process of its own, to see whether it survives
    redaction   secrets in addresses, which must not be shown

What the steps use:

    handles     lists that a graph in this process takes from and puts into, as they are
    input_files which files an input names
    local_files what lies in folders of this machine, and can be read
    one_group   brings the elements of a window to one place
    batching    `InBatches`: elements by the batch, for models
    formats/    one module a format: split a file, parse a document
    fetch/      HTTP, politely and within limits
    models/     which model, its pinned files, and running it
    output/     the published files: read, merged, exchanged; what is known of them
    text/       words, sentences, dates, language
    heaps       memory that is free, given back to the system
    pulse       how far the work of this process is
    compression compressed data, undone within a limit
    named_code  code of others, named as `module:name`
    strict_yaml YAML of settings: each key once, with its line
    identity    what makes two inputs the same article
    step_names  the steps by name, in their order
    records     `RawDocument`, `Article`, `DeadLetter`
    errors      what can go wrong

A room imports only from rooms further down this list of layers: steps; formats, fetch, models,
output; isolation; trial; under_way, bounds, redaction, strict_yaml,
named_code; text, pulse, heaps, compression, identity,
step_names, records, errors.
`make check` holds it (import-linter, pyproject.toml).
"""
