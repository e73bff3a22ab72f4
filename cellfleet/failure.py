"""The one error that a user is shown without a stack trace."""

from __future__ import annotations


class Failure(Exception):
    """Something that the user can mend, said in full sentences.

    Anything else that reaches the command line is a bug of cellfleet's, shown with its stack trace and exit code 255.
    """

    def __init__(self, message: str, remedy: str, *, exit_code: int = 1) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.exit_code = exit_code
