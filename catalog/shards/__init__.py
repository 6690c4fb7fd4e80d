"""Rows of parquet shards that need not fit on the disk: ordered, fetched ahead, pruned, resumable."""
