"""Songs of the catalog to embeddings and an index, all of `nw index`."""
