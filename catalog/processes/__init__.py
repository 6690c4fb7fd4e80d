"""Worker processes: one, several at a list, what goes between them and here, and memory that both see."""
