"""The two towers of `mini` in torch, and the spectrograms that its sound towers hear."""
