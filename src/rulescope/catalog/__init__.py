"""The store: what was read and understood of all rules, in one SQLite file."""
