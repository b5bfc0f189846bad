"""Rules and searches on logs: what is known, which events are looked at, what is found."""
