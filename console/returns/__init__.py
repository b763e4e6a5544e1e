"""The parts of the pages about returns."""
