"""The site: pages of HTML and JSON over the use cases, written as static files."""

from rulescope.web.export import ExportReport, export_site

__all__ = ["ExportReport", "export_site"]
