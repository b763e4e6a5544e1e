"""Load harness and the floor it is compared with."""
