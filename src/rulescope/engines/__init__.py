"""Engines that run pipelines: `sql` plans them, the others run the plans."""
