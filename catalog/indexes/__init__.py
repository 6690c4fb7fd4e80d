"""The kinds of index: one file each, and the folder is the registry."""
