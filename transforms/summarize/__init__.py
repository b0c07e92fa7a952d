"""Summaries: sentences of the article, or a model's draft that is checked against the article.

The modules:
    step          the transforms of the graph
    extractive    the best set of the article's own sentences
    drafts        what a model writes, also of texts longer than it reads
    faithfulness  a draft held against its article, sentence by sentence
    support       how far an article supports a sentence
    word_vectors  sentences as vectors of words, for languages the encoder does not know
"""
