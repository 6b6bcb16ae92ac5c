package main

import (
	"encoding/binary"
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/net/http2/hpack"
)

// The grpc driver implements HTTP/2 itself, so that no client library affects the figures.

type strs []string

func (s *strs) String() string     { return strings.Join(*s, " | ") }
func (s *strs) Set(v string) error { *s = append(*s, v); return nil }

type grpcOpts struct {
	method, pubMethod, dmMethod *string
	headers, hello              strs
	pub, dm                     *string
	paths                       *string
	ready                       *string
	streams                     *int
	window                      *int
	echo                        *bool
	user                        *string
}

func grpcFlags() *grpcOpts {
	o := &grpcOpts{
		method:    flag.String("grpc-method", "/naive.Chat/Stream", "full name of the streaming method (bidi or server streaming)"),
		pubMethod: flag.String("grpc-pub-method", "", "publish by this unary method on the same connection, not on the stream"),
		dmMethod:  flag.String("grpc-dm-method", "", "the same for direct messages"),
		pub:       flag.String("grpc-pub", `1:"{payload}"`, "template of a room publish request"),
		dm:        flag.String("grpc-dm", `1:"{payload}" 2:"{to}"`, "template of a direct message request"),
		paths:     flag.String("grpc-event-path", "1", "field numbers from the response down to the payload, dots between, commas between alternatives: 1 | 1.6 | 1.6,2.3"),
		ready:     flag.String("grpc-ready", "ping", "a client counts as joined at: ping (HTTP/2 ping answered after its hello) | headers (response headers) | message (first response message)"),
		streams:   flag.Int("streams-per-conn", 1, "client streams per TCP connection"),
		window:    flag.Int("grpc-window", 1<<20, "HTTP/2 receive window of the stream and of the connection"),
		echo:      flag.Bool("grpc-echo", true, "a publisher receives its own room message"),
		user:      flag.String("grpc-user", "u{i}", "user name of client {i}; also what {to} becomes"),
	}
	flag.Var(&o.headers, "grpc-header", "request header 'name: value' with {i} {user} {room} (repeatable)")
	flag.Var(&o.hello, "grpc-hello", "template of a message sent when the stream opens (repeatable, in order)")
	return o
}

type hdr struct {
	name string
	val  []string
}

type grpcDrv struct {
	addr, room, scheme          string
	method, pubMethod, dmMethod string
	hdrs                        []hdr
	hello                       [][]tnode
	pub, dmT                    []tnode
	paths                       [][]uint64
	ready                       string
	streams, win                int
	echoes                      bool
	user                        []string
	headerless                  bool
}

func (o *grpcOpts) make(addr, room, scheme string) *grpcDrv {
	tm := func(s string) []tnode {
		n, err := parseTmpl(s)
		if err != nil {
			fatal("%v", err)
		}
		return n
	}
	d := &grpcDrv{addr: addr, room: room, scheme: scheme, method: *o.method, pubMethod: *o.pubMethod, dmMethod: *o.dmMethod,
		pub: tm(*o.pub), dmT: tm(*o.dm), ready: *o.ready, streams: *o.streams, win: *o.window, echoes: *o.echo, user: splitVars(*o.user)}
	for _, h := range o.hello {
		d.hello = append(d.hello, tm(h))
	}
	for _, h := range o.headers {
		k, v, ok := strings.Cut(h, ":")
		if !ok {
			fatal("header %q", h)
		}
		d.hdrs = append(d.hdrs, hdr{strings.ToLower(strings.TrimSpace(k)), splitVars(strings.TrimSpace(v))})
	}
	for _, p := range strings.Split(*o.paths, ",") {
		var path []uint64
		for _, f := range strings.Split(p, ".") {
			v, err := strconv.ParseUint(strings.TrimSpace(f), 10, 32)
			if err != nil {
				fatal("event path: %v", err)
			}
			path = append(path, v)
		}
		d.paths = append(d.paths, path)
	}
	return d
}

func (d *grpcDrv) perConn() int { return d.streams }
func (d *grpcDrv) echo() bool   { return d.echoes }

func (d *grpcDrv) uname(i int) string {
	return string(appendParts(nil, d.user, &tvars{i: i}))
}

type h2conn struct {
	enc     *hpack.Encoder
	encBuf  sliceWriter
	dec     *hpack.Decoder
	sendWin int64
	initWin int64
	win     int // receive window
	recv    int // consumed since the last WINDOW_UPDATE
	nextID  uint32
	blocked []blockedMsg
	hb      []byte // header block being assembled
	hbSID   uint32
	hbEnd   bool
}

type blockedMsg struct {
	cl *client
	b  []byte // the payload of whole frames (a gRPC message)
}

type sliceWriter struct{ b []byte }

func (w *sliceWriter) Write(p []byte) (int, error) { w.b = append(w.b, p...); return len(p), nil }

type h2stream struct {
	sid     uint32
	sendWin int64
	recv    int
	name    string
}

func frameHdr(b []byte, n int, typ, flags byte, sid uint32) []byte {
	return append(b, byte(n>>16), byte(n>>8), byte(n), typ, flags, byte(sid>>24), byte(sid>>16), byte(sid>>8), byte(sid))
}

func u32(b []byte, v uint32) []byte { return append(b, byte(v>>24), byte(v>>16), byte(v>>8), byte(v)) }

func (d *grpcDrv) headersFrame(b []byte, hc *h2conn, sid uint32, method string, cl *client, end bool) []byte {
	hc.encBuf.b = hc.encBuf.b[:0]
	w := func(n, v string) { hc.enc.WriteField(hpack.HeaderField{Name: n, Value: v}) }
	w(":method", "POST")
	w(":scheme", d.scheme)
	w(":path", method)
	w(":authority", d.addr)
	w("content-type", "application/grpc")
	w("user-agent", "loadgen/1")
	w("te", "trailers")
	if len(d.hdrs) > 0 {
		tv := &tvars{user: d.uname(cl.idx), room: d.room, i: cl.idx}
		for _, h := range d.hdrs {
			w(h.name, string(appendParts(nil, h.val, tv)))
		}
	}
	fl := byte(4)
	if end {
		fl |= 1
	}
	b = frameHdr(b, len(hc.encBuf.b), 1, fl, sid)
	return append(b, hc.encBuf.b...)
}

func grpcMsg(b []byte, ns []tnode, tv *tvars) []byte {
	at := len(b)
	b = append(b, 0, 0, 0, 0, 0)
	b = encTmpl(b, ns, tv)
	binary.BigEndian.PutUint32(b[at+1:], uint32(len(b)-at-5))
	return b
}

func (d *grpcDrv) onConnect(c *conn) {
	hc := &h2conn{sendWin: 65535, initWin: 65535, win: d.win}
	if c.win > 0 {
		hc.win = c.win
	}
	hc.enc = hpack.NewEncoder(&hc.encBuf)
	hc.dec = hpack.NewDecoder(4096, nil)
	c.st = hc
	b := make([]byte, 0, 1024)
	b = append(b, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"...)
	b = frameHdr(b, 12, 4, 0, 0)
	b = append(b, 0, 2, 0, 0, 0, 0)
	b = append(b, 0, 4)
	b = u32(b, uint32(hc.win))
	if hc.win > 65535 {
		b = frameHdr(b, 4, 8, 0, 0)
		b = u32(b, uint32(hc.win-65535))
	}
	tv := tvars{room: d.room}
	for k, cl := range c.cls {
		st := &h2stream{sid: uint32(2*k + 1), sendWin: 65535, name: d.uname(cl.idx)}
		cl.st = st
		b = d.headersFrame(b, hc, st.sid, d.method, cl, false)
		tv.user, tv.i, tv.to = st.name, cl.idx, st.name
		hellos := [][]byte{cl.hello}
		if cl.hello == nil {
			hellos = nil
			for _, h := range d.hello {
				hellos = append(hellos, grpcMsg(nil, h, &tv))
			}
		}
		for _, msg := range hellos {
			b = frameHdr(b, len(msg), 0, 0, st.sid)
			b = append(b, msg...)
			st.sendWin -= int64(len(msg))
			hc.sendWin -= int64(len(msg))
		}
	}
	hc.nextID = uint32(2*len(c.cls) + 1)
	b = frameHdr(b, 8, 6, 0, 0)
	b = append(b, "lgready!"...)
	c.write(b)
}

func (d *grpcDrv) publish(cl *client, payload []byte) {
	cl.seq++
	tv := tvars{payload: payload, room: d.room, user: cl.st.(*h2stream).name, seq: cl.seq, i: cl.idx}
	d.send(cl, d.pub, d.pubMethod, &tv)
}

func (d *grpcDrv) dm(cl *client, to int, payload []byte) {
	tv := tvars{payload: payload, room: d.room, user: cl.st.(*h2stream).name, seq: cl.seq, i: cl.idx, to: g.cls[to].st.(*h2stream).name}
	d.send(cl, d.dmT, d.dmMethod, &tv)
}

func (d *grpcDrv) send(cl *client, ns []tnode, unary string, tv *tvars) {
	var tmp [2048]byte
	msg := grpcMsg(tmp[64:64], ns, tv)
	c := cl.c
	hc := c.st.(*h2conn)
	c.mu.Lock()
	defer c.mu.Unlock()
	if unary != "" {
		var hb [512]byte
		sid := hc.nextID
		hc.nextID += 2
		b := d.headersFrame(hb[:0], hc, sid, unary, cl, false)
		b = frameHdr(b, len(msg), 0, 1, sid)
		b = append(b, msg...)
		hc.sendWin -= int64(len(msg)) // a unary request is smaller than the initial window
		c.writeLocked(b)
		return
	}
	if len(hc.blocked) > 0 || !d.sendStream(c, hc, cl, msg) {
		hc.blocked = append(hc.blocked, blockedMsg{cl, append([]byte(nil), msg...)})
	}
}

func (d *grpcDrv) sendStream(c *conn, hc *h2conn, cl *client, msg []byte) bool {
	st := cl.st.(*h2stream)
	if hc.sendWin < int64(len(msg)) || st.sendWin < int64(len(msg)) {
		return false
	}
	hc.sendWin -= int64(len(msg))
	st.sendWin -= int64(len(msg))
	var hb [4096]byte
	b := hb[:0]
	for {
		k := min(len(msg), 16384)
		b = frameHdr(b, k, 0, 0, st.sid)
		b = append(b, msg[:k]...)
		msg = msg[k:]
		if len(msg) == 0 {
			break
		}
	}
	c.writeLocked(b)
	return true
}

func (d *grpcDrv) unblock(c *conn, hc *h2conn) {
	k := 0
	for k < len(hc.blocked) && d.sendStream(c, hc, hc.blocked[k].cl, hc.blocked[k].b) {
		k++
	}
	if k > 0 {
		hc.blocked = hc.blocked[:copy(hc.blocked, hc.blocked[k:])]
	}
}

func (d *grpcDrv) client(c *conn, sid uint32) *client {
	if sid == 0 || sid&1 == 0 {
		return nil
	}
	if k := int(sid-1) / 2; k < len(c.cls) {
		return c.cls[k]
	}
	return nil
}

func (d *grpcDrv) onData(c *conn, b []byte) (used int) {
	hc := c.st.(*h2conn)
	for len(b)-used >= 9 {
		f := b[used:]
		n := int(f[0])<<16 | int(f[1])<<8 | int(f[2])
		if len(f) < 9+n {
			break
		}
		typ, fl := f[3], f[4]
		sid := binary.BigEndian.Uint32(f[5:9]) & 0x7fffffff
		p := f[9 : 9+n]
		used += 9 + n
		switch typ {
		case 0: // DATA
			cl := d.client(c, sid)
			data := p
			if fl&8 != 0 && n > 0 {
				data = p[1 : n-int(p[0])]
			}
			if cl != nil {
				d.feed(c, cl, data)
				st := cl.st.(*h2stream)
				st.recv += n
				if c.win == 0 && st.recv > hc.win/2 {
					c.write(u32(frameHdr(nil, 4, 8, 0, sid), uint32(st.recv)))
					st.recv = 0
				}
				if fl&1 != 0 {
					cl.die("END_STREAM on data")
				}
			}
			hc.recv += n
			if c.win == 0 && hc.recv > hc.win/2 {
				c.write(u32(frameHdr(nil, 4, 8, 0, 0), uint32(hc.recv)))
				hc.recv = 0
			}
		case 1: // HEADERS
			h := p
			if fl&8 != 0 && n > 0 {
				h = h[1 : len(h)-int(h[0])]
			}
			if fl&0x20 != 0 && len(h) >= 5 {
				h = h[5:]
			}
			hc.hb = append(hc.hb[:0], h...)
			hc.hbSID, hc.hbEnd = sid, fl&1 != 0
			if fl&4 != 0 {
				d.headers(c, hc)
			}
		case 9: // CONTINUATION
			hc.hb = append(hc.hb, p...)
			if fl&4 != 0 {
				d.headers(c, hc)
			}
		case 3: // RST_STREAM
			if cl := d.client(c, sid); cl != nil {
				cl.die(fmt.Sprintf("RST_STREAM %x", p))
			}
		case 4: // SETTINGS
			if fl&1 != 0 {
				break
			}
			c.mu.Lock()
			for i := 0; i+6 <= n; i += 6 {
				id, v := binary.BigEndian.Uint16(p[i:]), binary.BigEndian.Uint32(p[i+2:])
				switch id {
				case 1:
					hc.enc.SetMaxDynamicTableSizeLimit(v)
				case 3:
					if int(v) < len(c.cls) {
						fmt.Fprintf(os.Stderr, "loadgen: server allows only %d streams a connection\n", v)
					}
				case 4:
					dl := int64(v) - hc.initWin
					hc.initWin = int64(v)
					for _, cl := range c.cls {
						cl.st.(*h2stream).sendWin += dl
					}
				}
			}
			c.writeLocked(frameHdr(nil, 0, 4, 1, 0))
			d.unblock(c, hc)
			c.mu.Unlock()
		case 6: // PING
			if fl&1 == 0 {
				c.write(append(frameHdr(nil, 8, 6, 1, 0), p...))
			} else if d.ready == "ping" && string(p) == "lgready!" {
				for _, cl := range c.cls {
					cl.markReady()
				}
			}
		case 7: // GOAWAY
			if !g.ending.Load() {
				fmt.Fprintf(os.Stderr, "loadgen: GOAWAY %q\n", p)
			}
		case 8: // WINDOW_UPDATE
			if n == 4 {
				inc := int64(binary.BigEndian.Uint32(p) & 0x7fffffff)
				c.mu.Lock()
				if sid == 0 {
					hc.sendWin += inc
				} else if cl := d.client(c, sid); cl != nil {
					cl.st.(*h2stream).sendWin += inc
				}
				if len(hc.blocked) > 0 {
					d.unblock(c, hc)
				}
				c.mu.Unlock()
			}
		}
	}
	return
}

// giveBack returns at most limit received bytes to the server's send window.
func (d *grpcDrv) giveBack(c *conn, most int) int {
	hc := c.st.(*h2conn)
	st := c.cls[0].st.(*h2stream)
	n := min(st.recv, hc.recv, most)
	if n > 0 {
		b := u32(frameHdr(nil, 4, 8, 0, st.sid), uint32(n))
		c.write(u32(frameHdr(b, 4, 8, 0, 0), uint32(n)))
		st.recv -= n
		hc.recv -= n
	}
	return n
}

func (d *grpcDrv) headers(c *conn, hc *h2conn) {
	fs, err := hc.dec.DecodeFull(hc.hb)
	cl := d.client(c, hc.hbSID)
	status, msg := "", ""
	for _, f := range fs {
		switch f.Name {
		case "grpc-status":
			status = f.Value
		case "grpc-message":
			msg = f.Value
		case ":status":
			if f.Value != "200" && cl != nil {
				cl.die("http status " + f.Value)
			}
		}
	}
	if err != nil && g.debug {
		fmt.Fprintln(os.Stderr, "hpack:", err)
	}
	if cl == nil {
		if status != "" && status != "0" && g.debug {
			fmt.Fprintf(os.Stderr, "loadgen: unary call: grpc-status %s %s\n", status, msg)
		}
		return
	}
	if hc.hbEnd {
		cl.die(fmt.Sprintf("trailers: grpc-status %s %s", status, msg))
		return
	}
	if d.ready == "headers" {
		cl.markReady()
	}
}

// feed cuts the stream's bytes into grpc messages.
func (d *grpcDrv) feed(c *conn, cl *client, data []byte) {
	if len(cl.part) > 0 {
		cl.part = append(cl.part, data...)
		data = cl.part
	}
	off := 0
	for len(data)-off >= 5 {
		l := int(binary.BigEndian.Uint32(data[off+1:]))
		if len(data)-off-5 < l {
			break
		}
		d.message(c, cl, data[off+5:off+5+l])
		off += 5 + l
	}
	if rest := data[off:]; len(rest) > 0 {
		cl.part = append(cl.part[:0], rest...)
	} else {
		cl.part = cl.part[:0]
	}
}

func (d *grpcDrv) message(c *conn, cl *client, msg []byte) {
	if d.ready == "message" && !cl.ready {
		cl.markReady()
	}
	if cl.rd != nil {
		cl.rd.take(c.lp, msg)
		c.lp.frames++
		return
	}
	before := g.delivered.Load() + g.dmDeliv.Load()
	for _, p := range d.paths {
		d.walk(c, cl, msg, p)
	}
	if g.delivered.Load()+g.dmDeliv.Load() > before {
		c.lp.frames++
	}
}

func (d *grpcDrv) walk(c *conn, cl *client, b []byte, path []uint64) {
	for len(b) > 0 {
		t, n := uvarint(b)
		if n == 0 {
			return
		}
		b = b[n:]
		switch t & 7 {
		case 0:
			if _, n = uvarint(b); n == 0 {
				return
			}
			b = b[n:]
		case 1:
			if len(b) < 8 {
				return
			}
			b = b[8:]
		case 5:
			if len(b) < 4 {
				return
			}
			b = b[4:]
		case 2:
			l, n := uvarint(b)
			if n == 0 || uint64(len(b)-n) < l {
				return
			}
			v := b[n : n+int(l)]
			b = b[n+int(l):]
			if t>>3 == path[0] {
				if len(path) == 1 {
					c.lp.got(cl, v)
				} else {
					d.walk(c, cl, v, path[1:])
				}
			}
		default:
			return
		}
	}
}
