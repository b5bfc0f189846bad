"""What several front ends share: reading tokens, wildcard patterns, and summing up what was read."""
