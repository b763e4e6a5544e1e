"""Business processes, one file each: nothing but steps, waits and undo."""
