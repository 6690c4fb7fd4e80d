"""CLAP: the network, its front end, long audio, and LAION's own checkpoints."""

RATE_HZ = 48_000  # of the sound that CLAP was pre-trained on
WINDOW_S = 10.0  # of sound in one spectrogram
