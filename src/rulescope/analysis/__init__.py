"""What rules look for: facts of one rule, and how rules stand to one another. Pure functions on the tree.

Everything is loaded when first asked for: importing this package costs nothing.
"""
