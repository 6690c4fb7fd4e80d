"""A small synthesizer that composes the demo library: many characters, every note from a seed."""
