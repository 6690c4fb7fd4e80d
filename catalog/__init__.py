"""Songs, sound, shards and vectors on disk: numpy, never torch."""

__distribution__ = "newwave-cli"
