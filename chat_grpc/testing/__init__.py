"""A chat server for the tests of other programs.

pytest finds the fixture `chat_server` by itself once this package is installed:

    def test_my_bot(chat_server):
        with ChatClient.connect(chat_server.address, name="alice") as chat:
            ...
"""

from chat_grpc.testing.chat_server import ChatServer, ServerFailed

__all__ = ["ChatServer", "ServerFailed"]
