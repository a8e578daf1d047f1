"""Made-up photographs of lines with masks of them, so that models also learn on what is no mirror.

Lengths are pixels of the photograph, or widths of its lines where a name ends in ``_widths``.

Each group knows only those above it:

- ``strokes``: lines with a width that varies, and the map of what they cover
- ``trees``, ``meshes``, ``writing``, ``hatching``, ``dots``, ``cracks``, ``drawings``: one family of lines each
- ``grounds``: what they lie on; ``distractors``: what looks like a line and is none; ``camera``: what blurs it all
- ``families``: the families by name; ``photograph``: one of it all; ``episodes``: one photograph, two meanings
- ``files``: many on disk
"""
