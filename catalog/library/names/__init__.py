"""Names of the catalog in a request: artists, albums, titles, folders and tags, slips forgiven.

The table `names` holds each name once, as it is compared, so that the spans of a request are looked up and
not the songs: a hundred thousand songs cost no more than the few that match. What no song has any more may
stay there; the full text says which songs have a name.
"""
