"""HTTP/2 and gRPC framing on the event loop's own transports.

`connection` is HTTP/2 without I/O (RFC 9113), `grpc` the framing of gRPC without I/O ("gRPC over
HTTP2"), `protocol` joins them with a socket, and `server` listens.
"""
