"""Kinds of raw data: how each is found on disk and becomes a prepared view."""
