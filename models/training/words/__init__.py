"""Training a lyrics encoder: pairs of texts, hard negatives, and the task that the loop runs."""
