"""Made-up Etruscan mirrors in the dataset's own layout: ``python -m data.synthetic DIR --mirrors N``.

The museum's scans are not public, so these stand in for them: to try the programs, to test, to train a first model.
Lengths are scan pixels, 40 to the millimetre; depths are millimetres. Layout and encodings are those that the
reference's code reads.

``mirror`` puts one together: ``surface`` (outline, relief, rim, grain, wear), ``engraving`` and what it draws,
``marks`` that nobody drew, ``corrosion``, ``scene`` around the object, ``sensor``; ``difficulty`` says how much of it.
``sheet`` shows all parts, ``likeness`` measures how like real patches the made-up ones are, ``files`` writes.
"""
