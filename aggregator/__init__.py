"""Groups the entries of feeds into stories, and composes and sends digests of them."""

__version__ = "0.1.0"
