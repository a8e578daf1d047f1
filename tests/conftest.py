"""What holds for all tests."""

import os

from hypothesis import settings

# Before anything imports torch: workers share the cores, and runs are compared bit by bit across processes.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("WANDB_MODE", "offline")

settings.register_profile("shared machine", deadline=None)
settings.load_profile("shared machine")
