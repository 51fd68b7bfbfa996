"""Views of a lab as one HTML file that plays anywhere, with no server and no network."""

from quantlab.export.page import MOST_BYTES, html, views_of

__all__ = ["MOST_BYTES", "html", "views_of"]
