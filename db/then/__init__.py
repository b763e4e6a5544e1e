"""An order as the hub knew it at an earlier instant, rebuilt from its facts."""
