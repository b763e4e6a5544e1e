"""GTINs: the numbers under bar codes, proven by their check digit."""

from stdnum import ean
from stdnum.exceptions import InvalidChecksum, InvalidFormat, InvalidLength

_RESTRICTED = ("02", "04", "2")
"""GS1 prefixes that a company or shop gives out for itself: no other company can look them up."""


def gtin(text: str) -> str:
    """The number without spaces and hyphens; ValueError says what is wrong with it and what would mend it."""
    try:
        return str(ean.validate(text))
    except InvalidChecksum:
        digits = ean.compact(text)
        right = ean.calc_check_digit(digits[:-1])
        raise ValueError(
            f"GTIN {digits} has the check digit {digits[-1]}, and its other digits need {right}; "
            "read it again from the packaging"
        ) from None
    except InvalidLength:
        raise ValueError(f"GTIN {text!r} must have 8, 12, 13 or 14 digits; give the whole number") from None
    except InvalidFormat:
        raise ValueError(f"GTIN {text!r} may hold digits only; remove the other characters") from None


def is_restricted(number: str) -> bool:
    """Whether it is for use inside one company only; marketplaces refuse such numbers."""
    return len(number) != 8 and number.zfill(14)[1:].startswith(_RESTRICTED)
