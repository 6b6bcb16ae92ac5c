package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// wsConn is a WebSocket (RFC 6455) of a client. A frame of a server is not masked; one of a client
// has to be. The mask 0 leaves the bytes as they are, so that masking costs no time here.

const (
	wsText   = 1
	wsBinary = 2
	wsClose  = 8
	wsPing   = 9
	wsPong   = 10
)

// wsProtocol is a protocol in the messages of a WebSocket.
type wsProtocol interface {
	path() string
	opened(c *conn)              // the handshake is done: send the first messages
	message(c *conn, msg []byte) // a whole message
	publish(cl *client, payload []byte)
	dm(cl *client, to int, payload []byte)
	echo() bool
}

// wsDrv is the driver of a protocol: one WebSocket for each client.
type wsDrv struct {
	addr string
	wsProtocol
}

type wsState struct {
	open bool
	part []byte // fragments of a message that is not complete
}

func (d *wsDrv) perConn() int { return 1 }

func (d *wsDrv) onConnect(c *conn) {
	c.st = &wsState{}
	c.write([]byte("GET " + d.path() + " HTTP/1.1\r\nHost: " + d.addr + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: bG9hZGdlbi1sb2FkZ2VuIQ==\r\n\r\n"))
}

func (d *wsDrv) onData(c *conn, b []byte) (used int) {
	st := c.st.(*wsState)
	if !st.open {
		end := bytes.Index(b, []byte("\r\n\r\n"))
		if end < 0 {
			return 0
		}
		if !bytes.HasPrefix(b, []byte("HTTP/1.1 101")) {
			c.cls[0].die(fmt.Sprintf("no upgrade: %.200q", b))
			return len(b)
		}
		st.open, used = true, end+4
		d.opened(c)
	}
	for {
		size, n := wsSize(b[used:])
		if n == 0 || len(b)-used < n+size {
			return used
		}
		head, msg := b[used], b[used+n:used+n+size]
		used += n + size
		d.frame(c, st, head, msg)
	}
}

// wsSize returns the size of the payload of a server's frame, and of what is before it; n is 0 if
// the start of the frame is not complete.
func wsSize(b []byte) (size, n int) {
	if len(b) < 2 {
		return 0, 0
	}
	switch size = int(b[1] & 127); {
	case size == 126 && len(b) >= 4:
		return int(binary.BigEndian.Uint16(b[2:])), 4
	case size == 127 && len(b) >= 10:
		return int(binary.BigEndian.Uint64(b[2:])), 10
	case size >= 126:
		return 0, 0
	}
	return size, 2
}

func (d *wsDrv) frame(c *conn, st *wsState, head byte, msg []byte) {
	switch head & 15 {
	case wsPing:
		c.write(wsFrame(nil, wsPong, msg))
	case wsClose:
		c.cls[0].die(fmt.Sprintf("close frame %q", msg))
	case 0, wsText, wsBinary:
		if head&128 == 0 || len(st.part) > 0 {
			st.part = append(st.part, msg...)
			if head&128 == 0 {
				return
			}
			msg, st.part = st.part, nil
		}
		d.deliver(c, msg)
	}
}

// deliver counts a message with payloads as one response.
func (d *wsDrv) deliver(c *conn, msg []byte) {
	before := g.delivered.Load() + g.dmDeliv.Load()
	d.message(c, msg)
	if g.delivered.Load()+g.dmDeliv.Load() > before {
		c.lp.frames++
	}
}

// wsFrame appends a frame of a client, with the mask 0.
func wsFrame(b []byte, opcode byte, msg []byte) []byte {
	b = append(b, 128|opcode)
	switch n := len(msg); {
	case n < 126:
		b = append(b, 128|byte(n))
	case n < 1<<16:
		b = append(b, 128|126, byte(n>>8), byte(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, 128|127), uint64(n))
	}
	return append(append(b, 0, 0, 0, 0), msg...)
}

// chatWS is this project's contract: one binary frame for each request and each response.
type chatWS struct{ *grpcDrv }

func (d chatWS) path() string { return d.method }

func (d chatWS) opened(c *conn) {
	cl := c.cls[0]
	cl.st = &h2stream{name: d.uname(cl.idx)} // the driver of gRPC finds names there
	tv := tvars{room: d.room, user: d.uname(cl.idx), i: cl.idx}
	for _, hello := range d.hello {
		c.write(wsFrame(nil, wsBinary, encTmpl(nil, hello, &tv)))
	}
}

func (d chatWS) message(c *conn, msg []byte) {
	cl := c.cls[0]
	cl.markReady()
	for _, path := range d.paths {
		d.walk(c, cl, msg, path)
	}
}

func (d chatWS) publish(cl *client, payload []byte) {
	cl.seq++
	d.write(cl, d.pub, &tvars{payload: payload, room: d.room, user: cl.st.(*h2stream).name, seq: cl.seq, i: cl.idx})
}

func (d chatWS) dm(cl *client, to int, payload []byte) {
	d.write(cl, d.dmT, &tvars{payload: payload, room: d.room, user: cl.st.(*h2stream).name, seq: cl.seq, i: cl.idx, to: d.uname(to)})
}

func (d chatWS) write(cl *client, template []tnode, tv *tvars) {
	var msg, frame [2048]byte
	cl.c.write(wsFrame(frame[:0], wsBinary, encTmpl(msg[:0], template, tv)))
}
