"""The small merchant with its channel `web`, whose places are locations of ours."""

from tests.publication.conftest import merchant

__all__ = ["merchant"]
