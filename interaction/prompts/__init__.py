"""Prompts: what a person gives to correct a mask, each kind in a file of its own."""
