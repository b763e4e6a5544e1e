"""The parts of the orders' pages."""
