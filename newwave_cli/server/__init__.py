"""`nw serve`: the library over HTTP, for the page, for programs and for players."""
