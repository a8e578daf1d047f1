"""Learning online: a person puts a place right, and the models learn from it while the person goes on.

::

    learner = OnlineLearner(base, interactive, seed=0)
    lesson = learner.lesson(session, "name of the image", region)  # the place is finished
    learner.add(lesson)                                            # a test of each version first, then remembered
    version = learner.learn()                                      # some seconds; None: nothing new
    learner.in_use("name of the image")                            # the version that has proved better, or `shipped`
    drawing = learner.base(version).drawing(view, print)           # a redrawing, which the session proposes
"""

from models.versions import SHIPPED as SHIPPED
from models.versions import Version as Version
from runs.training.online.candidates import CANDIDATES as CANDIDATES
from runs.training.online.learner import OnlineLearner as OnlineLearner
from runs.training.online.lessons import Lesson as Lesson
