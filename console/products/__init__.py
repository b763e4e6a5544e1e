"""The parts of the products' pages."""
