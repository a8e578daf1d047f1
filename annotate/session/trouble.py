"""What keeps a mirror from being drawn on, and the way back from there."""

from __future__ import annotations

from collections.abc import Callable

from annotate.errors import NotWrittenError, reason
from annotate.stream_messages import Message, RecoveredMessage, TroubleMessage
from data.errors import DataError
from interaction.log.database import UnwritableLog


class Trouble:
    """Why nothing can be drawn on an open mirror, if so; subscribers are told of each change.

    Parameters
    ----------
    publish : sends a message to them
    problem : why the mirror was opened to be looked at only; None: it can be drawn on

    Attributes
    ----------
    problem : why nothing can be drawn now; None: it can
    passing : whether that may pass while the mirror is open, as a lock or a full disk does; a fault does not
    """

    def __init__(self, publish: Callable[[Message], None], problem: str | None) -> None:
        self.problem, self.passing = problem, problem is not None
        self._publish = publish
        self._recovering = False

    def require_none(self) -> None:
        """Raise NotWrittenError if there is one."""
        if self.problem:
            raise NotWrittenError(self.problem)

    def meet(self, error: Exception) -> bool:
        """Take note of what has stopped the drawing; return False if something had before."""
        if self.problem is not None:
            return False
        self.problem, self.passing = reason(error), isinstance(error, UnwritableLog)
        return True

    def tell(self) -> None:
        """Tell the subscribers."""
        if self.problem is not None:
            self._publish(TroubleMessage(message=self.problem))

    def may_recover(self) -> bool:
        """Whether it is time to try; then ``recovered`` has to be called."""
        if self.problem is None or not self.passing or self._recovering:
            return False
        self._recovering = True
        return True

    def recovered(self, go_on: Callable[[], tuple[int, str | None]]) -> bool:
        """Try to go on; return whether that went well.

        Parameters
        ----------
        go_on : returns the last event in the drawing, and what had to be mended; raises DataError where it fails
        """
        try:
            event, mended = go_on()
        except DataError as error:
            before, self.problem = self.problem, reason(error)
            if self.problem != before:
                self.tell()
            return False
        else:
            self.problem, self.passing = None, False
            self._publish(RecoveredMessage(event=event, message=mended))
            return True
        finally:
            self._recovering = False
