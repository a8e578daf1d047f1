"""The scores, a family a file. Each file registers its own (see `metrics.registry`); all files here are loaded."""

from importlib import import_module
from pkgutil import iter_modules

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")
