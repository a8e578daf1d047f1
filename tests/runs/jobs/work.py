"""Work that jobs do, in this process or another."""

import os


def give(value, report):
    return value


def fail(error, report):
    raise error


def process(report):
    return os.getpid()
