"""The parts of the exceptions' pages."""
