"""A durable chat service whose whole API is `protos/chat_grpc/v1`."""

from importlib.metadata import version

__all__ = ["__version__"]

__version__ = version("chat-grpc")
