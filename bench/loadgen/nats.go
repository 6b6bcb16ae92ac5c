package main

import (
	"bytes"
	"fmt"
	"strconv"
)

func lineEnd(b []byte) int { return bytes.IndexByte(b, '\n') }

// NATS core: room subject, one subject per user.
type natsDrv struct{ room string }

func (d *natsDrv) perConn() int { return 1 }
func (d *natsDrv) echo() bool   { return true }
func (d *natsDrv) onConnect(c *conn) {
	c.write([]byte(fmt.Sprintf("CONNECT {\"verbose\":false,\"pedantic\":false,\"echo\":true,\"lang\":\"go\",\"version\":\"1\",\"protocol\":1}\r\nSUB room.%s 1\r\nSUB u.%d 2\r\nPING\r\n", d.room, c.cls[0].idx)))
}
func (d *natsDrv) onData(c *conn, b []byte) (used int) {
	cl := c.cls[0]
	for {
		e := lineEnd(b[used:])
		if e < 0 {
			return
		}
		l := b[used : used+e]
		if len(l) > 4 && l[0] == 'M' && l[1] == 'S' {
			l = bytes.TrimSuffix(l, []byte("\r"))
			sp := bytes.LastIndexByte(l, ' ')
			n := 0
			for _, ch := range l[sp+1:] {
				n = n*10 + int(ch-'0')
			}
			if len(b)-used-e-1 < n+2 {
				return
			}
			at := used + e + 1
			c.lp.got(cl, b[at:at+n])
			used = at + n + 2
			continue
		}
		used += e + 1
		switch {
		case bytes.HasPrefix(l, []byte("PONG")):
			cl.markReady()
		case bytes.HasPrefix(l, []byte("PING")):
			c.write([]byte("PONG\r\n"))
		case bytes.HasPrefix(l, []byte("-ERR")):
			cl.die(string(l))
		}
	}
}
func (d *natsDrv) publish(cl *client, p []byte) {
	var t [1024]byte
	b := append(append(append(t[:0], "PUB room."...), d.room...), ' ')
	b = append(strconv.AppendInt(b, int64(len(p)), 10), '\r', '\n')
	b = append(append(b, p...), '\r', '\n')
	cl.c.write(b)
}
func (d *natsDrv) dm(cl *client, to int, p []byte) {
	var t [1024]byte
	b := append(t[:0], "PUB u."...)
	b = append(strconv.AppendInt(b, int64(to), 10), ' ')
	b = append(strconv.AppendInt(b, int64(len(p)), 10), '\r', '\n')
	b = append(append(b, p...), '\r', '\n')
	cl.c.write(b)
}
