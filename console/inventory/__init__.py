"""The parts of the pages about stock."""
