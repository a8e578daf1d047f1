"""``python -m bench.domains``: what learning brings where no model has learned before, image after image.

::

    FOLDER/domains/NAME/          the images of a domain as they are used, cropped, and what was prepared from them
    FOLDER/work/NAME/             initial drawings, trainings, and what was taught
    FOLDER/runs/NAME/             yardsticks, and a record of each run on each image
    FOLDER/domains.json           all records, written as they come; table.md and curve.png at the end

A domain is a folder of images/ and masks/, or made-up mirrors in a style that no training saw. Images come in one
order, the same for all methods and seeds, and each is corrected by a simulated person. Every method has the same
yardsticks: the same person without a model, from the drawing of the shipped base model, and answers that are perfect in
what touches the stroke (``bench.ceilings``).
"""
