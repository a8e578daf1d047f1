"""Photometric-stereo scans in the layout of the method's authors: where files lie, and what is wrong with them."""
