"""What is in a data set or the catalog, and how two of them differ: counts and spreads, no opinions."""
