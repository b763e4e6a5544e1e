"""The parts of the launches' pages."""
