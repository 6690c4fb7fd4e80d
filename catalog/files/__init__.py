"""A folder of music: walking it, and what tags, lyrics files and tables beside the songs say."""
