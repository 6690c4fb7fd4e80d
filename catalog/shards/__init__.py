"""Rows of parquet shards that need not fit on the disk: ordered, fetched ahead, pruned, resumable."""

import os

# Arrow's allocator, which looks at this when it is loaded, gives memory back after 10 ms by itself. But a row
# group is read every tenth of a second, and the system clears each page anew: half of the time of reading.
os.environ.setdefault("MIMALLOC_PURGE_DELAY", "60000")  # ms
