package main

import (
	"bytes"
	"fmt"
	"strconv"
)

// socketIO is Engine.IO 4 with Socket.IO 5 in text frames: "0{…}" opens, "2" is a ping, "3" a pong,
// "40" joins the namespace, `42["name","text"]` is an event. The server is peers/usual_socketio.
type socketIO struct{}

func (socketIO) path() string   { return "/socket.io/?EIO=4&transport=websocket" }
func (socketIO) echo() bool     { return true }
func (socketIO) opened(c *conn) {} // the server speaks first

func (socketIO) message(c *conn, msg []byte) {
	cl := c.cls[0]
	switch {
	case len(msg) > 0 && msg[0] == '0':
		c.write(wsFrame(nil, wsText, fmt.Appendf(nil, `40{"user":"u%d"}`, cl.idx)))
	case len(msg) > 0 && msg[0] == '2':
		c.write(wsFrame(nil, wsText, []byte("3")))
	case bytes.HasPrefix(msg, []byte("40")):
		cl.markReady()
	case bytes.HasPrefix(msg, []byte("44")):
		cl.die(string(msg))
	case bytes.HasPrefix(msg, []byte(`42["m","`)):
		c.lp.got(cl, bytes.TrimSuffix(msg[8:], []byte(`"]`)))
	}
}

func (socketIO) publish(cl *client, payload []byte) {
	socketIOEvent(cl, append([]byte(nil), `42["say","`...), payload)
}

func (socketIO) dm(cl *client, to int, payload []byte) {
	start := append(strconv.AppendInt([]byte(`42["tell","u`), int64(to), 10), `","`...)
	socketIOEvent(cl, start, payload)
}

// socketIOEvent sends an event whose last argument is a payload, which needs no escapes in JSON.
func socketIOEvent(cl *client, start, payload []byte) {
	var frame [2048]byte
	cl.c.write(wsFrame(frame[:0], wsText, append(append(start, payload...), `"]`...)))
}
