"""CLAP: the network, its front end, long audio, and LAION's own checkpoints."""
