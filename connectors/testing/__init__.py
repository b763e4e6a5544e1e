"""The certification suite: what every connector must do right, whatever its platform.

A connector's author gives a `Subject`; `CHECKS` are run against it, one test each (docs/connectors/).
"""

from connectors.testing.checks import CHECKS, Check
from connectors.testing.subject import Call, SignedWebhook, Stage, Subject

__all__ = ["CHECKS", "Call", "Check", "SignedWebhook", "Stage", "Subject"]
