"""Sounds of many kinds mixed by chance, and what the AudioSet teacher hears in them."""
