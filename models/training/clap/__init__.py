"""Training CLAP: batches of chunks, and the task that the loop runs."""
