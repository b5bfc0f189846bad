"""What a JSON object is an event of, and the event that comes out of it."""

from rulescope.logs.shapes.objects import shape_object

__all__ = ["shape_object"]
