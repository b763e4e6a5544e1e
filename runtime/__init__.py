"""What the processes share: settings, logging, connections, wiring."""
