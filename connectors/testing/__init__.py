"""The certification suite that every connector passes."""
