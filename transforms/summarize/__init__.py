"""Summaries: sentences of the article, or a model's draft that is checked against the article.

The modules:
    step          the transforms of the graph
    extractive    the best set of the article's own sentences
    sentence_sets how well a set of sentences summarises, and what it lacks
    fitness       which sentences are news at all, and not captions, links, greetings ...
    needs         what a sentence refers to, and what it costs to take it without that
    antecedents   what its pronouns mean
    definites     what "the company" and "this measure" mean
    introductions which names it has that were introduced elsewhere
    costs         what it costs to take a sentence without what it needs
    layout        paragraphs, entries of a live blog, questions and answers, long quotations
    reading       a sentence as words, with the cues in it
    cues          what refers back, or is not news, in each language (cues/*.toml)
    drafts        what a model writes, also of texts longer than it reads
    faithfulness  a draft held against its article, sentence by sentence
    support       how far an article supports a sentence
    word_vectors  sentences as vectors of words, for languages the encoder does not know
"""
