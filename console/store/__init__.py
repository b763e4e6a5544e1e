"""The parts of the shop's pages."""
