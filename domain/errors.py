"""The one error that means: the business says no."""


class DomainError(Exception):
    """A refusal by a rule of the business; ends a workflow run, and becomes a problem+json at the API.

    `code` is stable and safe to show anywhere; the text names the field and the remedy, never a person.
    """

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code
