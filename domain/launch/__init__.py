"""Launches: products made live on every channel at one moment, or as they were before."""
