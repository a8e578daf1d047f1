"""What a person drew and what came of it: a log on disk that is only ever added to, and how it is read again."""

LOG = "log.sqlite"  # a log's file, in a folder of its own
