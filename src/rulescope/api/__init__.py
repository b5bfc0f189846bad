"""The use cases: plain input in, documented dataclasses out, and their JSON."""
