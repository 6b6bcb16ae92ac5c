"""The chat for browsers and HTTP clients: HTTP/1.1, the Connect protocol, and WebSockets.

`http` is one connection, `site` answers its requests, `connect_protocol` is the Connect protocol
without I/O, `post` a call by POST, `websocket` a stream, `guard` the checks of `Host` and `Origin`,
`cookies` the session of a browser, `files` the files of the page, and `server` listens.
"""
