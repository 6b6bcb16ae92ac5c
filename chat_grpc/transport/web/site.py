"""The site: answers a request with a file of the page, a call by POST, or a WebSocket."""

from __future__ import annotations

from google.rpc import code_pb2, status_pb2

from chat_grpc.app.dispatch import Dispatcher
from chat_grpc.app.methods import Method
from chat_grpc.transport.web import connect_protocol
from chat_grpc.transport.web.connect_protocol import Refused
from chat_grpc.transport.web.cookies import Cookies
from chat_grpc.transport.web.files import Files
from chat_grpc.transport.web.guard import Guard
from chat_grpc.transport.web.http import Exchange, HttpConnection, Stream
from chat_grpc.transport.web.limits import HOSTS, ORIGINS, WebLimits
from chat_grpc.transport.web.messages import (
    Request,
    Response,
    error_response,
    stream_error_response,
    text_response,
    too_large_response,
)
from chat_grpc.transport.web.post import EXPIRED, PostCall
from chat_grpc.transport.web.sessions import Session
from chat_grpc.transport.web.websocket import (
    WebSocketCall,
    encode_acceptance,
    refusal_of_upgrade,
)

_SINGLE = (b"authorization", b"content-type", b"cookie", b"content-encoding")
"""Headers that a request has at most once: two values could be read in two ways."""


class ChatSite:
    """Answers the requests of all connections. Belongs to the event loop."""

    def __init__(
        self, dispatcher: Dispatcher, files: Files, guard: Guard, limits: WebLimits, path: str = ""
    ) -> None:
        """`path` is the prefix of all paths, for example `/chat`; empty for the root."""
        self._dispatcher = dispatcher
        self._files = files
        self._guard = guard
        self._limits = limits
        self._path = path
        self._cookies = Cookies(path)

    def answer(self, request: Request, connection: HttpConnection) -> Response | Exchange | Stream:
        """See `Site.answer`."""
        if refusal := self._guard.refusal_of_host(request):
            connection.note_refusal(HOSTS, "HTTP 421, the Host is foreign")
            return text_response(421, refusal)
        path = request.path
        if path == self._path and path:
            return text_response(308, "The page ends with a slash.", ("location", f"{path}/"))
        if not path.startswith(f"{self._path}/"):
            return text_response(404, "There is nothing at this address.")
        path = path[len(self._path) :]
        if self._dispatcher.serves(path):
            return self._call(path, request, connection)
        if path.count("/") == 2 and "." in path.split("/")[1]:
            return _refused(code_pb2.UNIMPLEMENTED, f"There is no method {path[:200]}.", 404)
        return self._files.answer(path[1:], request)

    def too_large(self, content_type: str) -> Response:
        """See `Site.too_large`."""
        return too_large_response(content_type, self._dispatcher.too_large(self._limits.max_body))

    def _call(
        self, path: str, request: Request, connection: HttpConnection
    ) -> Response | Exchange | Stream:
        """Begin a call, or refuse it."""
        if refusal := self._guard.refusal_of_origin(request):
            connection.note_refusal(ORIGINS, "HTTP 403, the Origin is foreign")
            return _refused(code_pb2.PERMISSION_DENIED, refusal)
        if any(request.count(name) > 1 for name in _SINGLE):
            return _refused(code_pb2.INVALID_ARGUMENT, "A header is sent twice.")
        method = self._dispatcher.methods[path]
        page = self._guard.from_own_page(request)
        session = Session(request, self._cookies, method, page=page)
        try:
            if method.stream is not None and request.method == "GET":
                return self._open(method, request, connection, session)
            return self._post(method, request, connection, session)
        except Refused as refused:
            return error_response(refused.status)

    def _open(
        self, method: Method, request: Request, connection: HttpConnection, session: Session
    ) -> Response | Stream:
        """Open a WebSocket."""
        if (refusal := refusal_of_upgrade(request)) is not None:
            return refusal
        call = WebSocketCall(connection, session.metadata, self._limits)
        connection.transport.write(encode_acceptance(request, *session.renewal))
        call.start(self._dispatcher, method.path)
        return call

    def _post(
        self, method: Method, request: Request, connection: HttpConnection, session: Session
    ) -> Response | Exchange:
        """Begin a unary call, or one that streams its responses."""
        if request.method != "POST":
            return text_response(405, "Call a method by POST.", ("allow", "POST"))
        found = connect_protocol.content_type_of(request.header(b"content-type"))
        streams = method.unary is None
        if found is None or found[1] is not streams:
            kinds = [connect_protocol.content_type(each, streams=streams) for each in _CODECS]
            return text_response(
                415,
                f"The content-type must be {' or '.join(kinds)}.",
                ("accept-post", ", ".join(kinds)),
            )
        if method.stream is not None:
            raise Refused(
                code_pb2.UNIMPLEMENTED, f"{method.name} streams both ways; open it as a WebSocket."
            )
        codec, streams = found
        try:
            return self._start(method, codec, request, connection, session)
        except Refused as refused:
            if streams:
                return stream_error_response(refused.status, codec)
            raise

    def _start(
        self,
        method: Method,
        codec: str,
        request: Request,
        connection: HttpConnection,
        session: Session,
    ) -> Exchange:
        """Begin a call in a codec. Raises `Refused`."""
        streams = method.unary is None
        connect_protocol.check_version(request.header(b"connect-protocol-version"))
        encoding = b"connect-content-encoding" if streams else b"content-encoding"
        connect_protocol.check_encoding(request.header(encoding))
        timeout = connect_protocol.timeout_of(request.header(b"connect-timeout-ms"))
        if timeout == 0.0:
            raise Refused(EXPIRED.code, EXPIRED.message)
        body = connect_protocol.only_message(request.body) if streams else request.body
        call = PostCall(connection, method, body, codec, session.metadata, session)
        call.start(self._dispatcher, timeout)
        return call


_CODECS = (connect_protocol.PROTO, connect_protocol.JSON)


def _refused(code: int, message: str, http_status: int | None = None) -> Response:
    status = status_pb2.Status(code=code, message=message)
    return error_response(status, http_status=http_status)
