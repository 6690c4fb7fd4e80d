"""A request in a person's words to a parsed query: names, facts, negations and what is left for the sound."""
