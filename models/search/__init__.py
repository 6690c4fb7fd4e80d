"""A sentence to ranked songs, all of `nw query`; nothing here imports torch."""
