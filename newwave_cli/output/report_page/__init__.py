"""The page of `nw stats --report`: one file with its plots inside, for light and dark, wide and narrow."""
