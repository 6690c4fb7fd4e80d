"""Windows that are mixed, taught and seen where the network learns: on a card, new ones for each step."""
