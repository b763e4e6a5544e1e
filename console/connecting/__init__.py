"""Parts of the pages on connections."""
