"""Settings of a hub of this test alone."""

import pytest

from runtime.settings import Settings


@pytest.fixture
def settings(tmp_path):
    """Port 0 is any free port; logs are JSON, as in an installation."""
    return Settings(
        var=tmp_path / "var", api_port=0, temporal_port=0, temporal_ui_port=0, sandbox_port=0, console_port=0
    )
