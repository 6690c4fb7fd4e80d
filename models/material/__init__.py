"""What `mini` is trained on: real songs with teachers' labels, rendered scores whose content is known, words."""
