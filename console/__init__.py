"""The operations console: what people do with the hub in a browser; a client of the API and of nothing else."""
