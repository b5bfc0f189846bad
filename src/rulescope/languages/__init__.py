"""The languages that rules are written in: one room each, from text to the IR."""
