"""What `mini` is trained on: songs with teachers' labels, rendered scores whose content is known, words."""
