"""What the person who runs the hub must mend."""


class OperatorError(Exception):
    """The text says what is wrong and how to mend it; a command prints it without a traceback."""
