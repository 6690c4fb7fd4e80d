"""Training fusion: the questions asked of a library, the gate, and late fusion."""
