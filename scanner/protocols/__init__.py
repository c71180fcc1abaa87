"""One file a family: bytes to reads; and feedback, the bytes that answer them."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from scanner.protocols.line import LineDecoder
from scanner.protocols.read import Decoder

PROTOCOLS: Mapping[str, Callable[[], Decoder]] = MappingProxyType({"line": LineDecoder})
"""A new decoder of each family, by the name it has in the settings."""
