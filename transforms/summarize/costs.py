"""What a sentence costs for what a reader would miss; the worth of a set of sentences is 1 to 2."""

STRONG = 0.5
"""Cost of a sentence that makes no sense, or says something wrong, without another one: more than
any set of sentences gains by it."""
MEDIUM = 0.12
"""Cost of one that reads badly."""
WEAK = 0.03
"""Cost of one that a reader may stumble at."""
ADDED = 0.3
"""Cost of one that adds something to what was left out: "The party also staged a walkout"."""
JUMP = 0.01
"""Cost of each sentence left out right before one: what it needs of them may be known by no cue.
One price for leaving out any number costs more ROUGE."""
FAR = 4
"""Sentences left out from which more cost no more."""

Lack = tuple[float, set[int]]
"""A cost, and the sentences of which any takes it away."""
