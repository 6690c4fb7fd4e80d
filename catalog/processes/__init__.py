"""The two ends of a worker process: what is sent between them, shared memory, and what the worker does."""
