"""Everything that is printed: tables, bars, reports and playlists."""
