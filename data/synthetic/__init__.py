"""Made-up Etruscan mirrors in the dataset's own layout: ``python -m data.synthetic DIR --mirrors N``.

The museum's scans are not public, so these stand in for them: to try the programs, to test, to train a first model.
Lengths are scan pixels, 40 to the millimetre; depths are millimetres. Layout and encodings are those that the
reference's code reads.

Each group knows only those above it:

- ``maps``, ``paths``: arrays and curves; ``grooves``, ``lines``: how a curve is cut and drawn; ``outline``: the object
- ``layers``: pictures whose front hides their back; drawn with it ``skeleton``, ``heads``, ``held``, ``drapery``,
  ``figures``, ``quadrupeds``, ``animals``, ``lettering``, ``ornaments``, ``fillers``; ``tondo``: a scene of them
- ``plate``, ``borders``, ``engraving``: where on the object they go
- ``surface``, ``marks``, ``corrosion``, ``scene``, ``sensor``: bronze, wear, surroundings, scanner; ``difficulty``
- ``mirror``: one of it all; ``files``: many on disk
- ``motifs``, ``parts``: every part in a picture, see notebooks/made_up_mirrors.ipynb
"""
