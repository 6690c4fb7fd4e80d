"""Sound: a file or bytes to a waveform, windows, peaks and covers."""
