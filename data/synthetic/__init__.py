"""Made-up Etruscan mirrors in the dataset's own layout, and photographs of lines: ``python -m data.synthetic DIR``.

The museum's scans are not public, so these stand in for them: to try the programs, to test, to train a first model.
Lengths are scan pixels, 40 to the millimetre; depths are millimetres. Layout and encodings are those that the
reference's code reads.

Each group knows only those above it:

- ``maps``, ``paths``: arrays and curves; ``grooves``, ``lines``: how a curve is cut and drawn; ``outline``: the object
- ``layers``: pictures whose front hides their back; drawn with it ``skeleton``, ``heads``, ``held``, ``drapery``,
  ``figures``, ``quadrupeds``, ``animals``, ``lettering``, ``ornaments``, ``fillers``; ``tondo``: a scene of them
- ``foreign``, ``layout``: motifs of other workshops, and which motifs a workshop has
- ``plate``, ``borders``, ``engraving``: where on the object they go
- ``surface``, ``marks``, ``corrosion``, ``scene``, ``sensor``: bronze, wear, surroundings, scanner; ``difficulty``
- ``styles``: workshops; ``mirror``: one of it all; ``files``: many on disk
- ``photographs``: photographs of lines, a package of its own; ``offered``: what the command offers
- ``motifs``, ``parts``: every part in a picture, see notebooks/made_up_mirrors.ipynb
"""
