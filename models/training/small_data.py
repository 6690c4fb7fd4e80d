"""What is said at once where a batch asks for more than there is."""


def fewer_than_a_batch(pairs: int, batch: int) -> str:
    """What a person should know of so few pairs; "" where a batch can be filled.

    >>> fewer_than_a_batch(512, 512)
    ''
    """
    if pairs >= batch:
        return ""
    return (
        f"only {pairs:,} pairs to learn from, fewer than the recipe's batch of {batch:,}: every step sees"
        " all of them, and what is learned will say little about other songs"
    )
