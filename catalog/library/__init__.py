"""The SQLite catalog: songs, embeddings, failures, filters and full text."""
