"""One module a format: bytes in, events and problems out."""
