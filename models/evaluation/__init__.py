"""How well an encoder or an index retrieves: data sets, protocols, ranks, metrics, intervals, runs."""
