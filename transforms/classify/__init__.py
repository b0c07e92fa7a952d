"""Zero-shot topics: by phrases, by a model of entailment, or by a head that a user trained."""
