"""The log of a user's prompts and of the changes that followed: on disk, only ever appended to, and replayed."""

LOG = "log.sqlite"  # a log's file, in a folder of its own
