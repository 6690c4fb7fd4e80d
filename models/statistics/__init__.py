"""Figures that need an encoder: how texts of two data sets differ, how long texts are in tokens."""
