"""Zero-shot topics: by phrases, by a model of entailment, or by a head that a user trained.

The modules:
    step     the transforms of the graph
    topics   the topic file
    phrases  how near an article is to the phrases of a topic
    judge    a model of entailment, asked about the likeliest topics
    head     a head trained on a user's labelled articles
    scores   scores of labels as an article's topics
"""
