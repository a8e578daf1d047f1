"""One reader and writer for each image format, and whole files."""
