package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"golang.org/x/net/http2/hpack"
)

// A peer is one HTTP/2 connection that controls its receive windows. The mode
// "fair" uses it for its good clients and for its loads. A goroutine reads each connection.

const (
	frameData         = 0
	frameHeaders      = 1
	frameReset        = 3
	frameSettings     = 4
	framePing         = 6
	frameGoAway       = 7
	frameWindowUpdate = 8
	frameContinuation = 9

	defaultWindow = 65535
	maxWindow     = 1<<31 - 1
)

var (
	errClosed  = errors.New("the connection is closed")
	errTimeout = errors.New("no answer in time")
)

// peerOpts are the receive windows of a connection.
type peerOpts struct {
	streamWindow uint32 // initial window of each stream, in bytes
	held         bool   // the caller extends the windows; otherwise each byte read extends them at once
}

type peer struct {
	conn net.Conn
	addr string
	held bool

	mu      sync.Mutex // guards all fields below, and writing
	space   *sync.Cond // signaled when a send window grows, or the connection ends
	out     []byte
	enc     *hpack.Encoder
	encBuf  sliceWriter
	next    uint32
	sendWin int64
	initWin int64
	calls   map[uint32]*call
	err     error
}

// call is one gRPC call.
type call struct {
	p       *peer
	id      uint32
	sendWin int64
	on      func(msg []byte) // called with each message, on the reading goroutine
	part    []byte
	done    chan struct{} // closed at the end of the call
	err     error         // valid when done is closed; nil for the status OK
}

func dialPeer(addr string, o peerOpts) (*peer, error) {
	conn, err := net.DialTimeout("tcp4", addr, 10*time.Second)
	if err != nil {
		return nil, err
	}
	p := &peer{conn: conn, addr: addr, held: o.held, next: 1, sendWin: defaultWindow, initWin: defaultWindow, calls: map[uint32]*call{}}
	p.space = sync.NewCond(&p.mu)
	p.enc = hpack.NewEncoder(&p.encBuf)
	b := []byte("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
	b = frameHdr(b, 12, frameSettings, 0, 0)
	b = u32(append(b, 0, 2), 0) // no push
	b = u32(append(b, 0, 4), o.streamWindow)
	b = u32(frameHdr(b, 4, frameWindowUpdate, 0, 0), maxWindow-defaultWindow)
	if _, err := conn.Write(b); err != nil {
		conn.Close()
		return nil, err
	}
	go p.read()
	return p, nil
}

func (p *peer) close() { p.conn.Close() }

// write sends bytes; the caller holds mu.
func (p *peer) write(b []byte) error {
	if p.err != nil {
		return p.err
	}
	if _, err := p.conn.Write(b); err != nil {
		return err
	}
	return nil
}

// open starts a call. on is called with each message of the server.
func (p *peer) open(method, token string, on func([]byte)) (*call, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err != nil {
		return nil, p.err
	}
	c := &call{p: p, id: p.next, sendWin: p.initWin, on: on, done: make(chan struct{})}
	p.next += 2
	p.calls[c.id] = c
	p.encBuf.b = p.encBuf.b[:0]
	field := func(n, v string) { p.enc.WriteField(hpack.HeaderField{Name: n, Value: v}) }
	field(":method", "POST")
	field(":scheme", "http")
	field(":path", method)
	field(":authority", p.addr)
	field("content-type", "application/grpc")
	field("te", "trailers")
	if token != "" {
		field("authorization", "Bearer "+token)
	}
	b := frameHdr(nil, len(p.encBuf.b), frameHeaders, 4, c.id)
	return c, p.write(append(b, p.encBuf.b...))
}

// send writes one message, and waits for the server's window if necessary.
func (c *call) send(msg []byte, end bool) error {
	p := c.p
	b := binary.BigEndian.AppendUint32([]byte{0}, uint32(len(msg)))
	b = append(b, msg...)
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(b) > 0 {
		n := min(int64(len(b)), p.sendWin, c.sendWin, 16384)
		if p.err != nil {
			return p.err
		}
		if c.ended() {
			return fmt.Errorf("the call has ended: %w", c.err)
		}
		if n <= 0 {
			p.space.Wait()
			continue
		}
		flags := byte(0)
		if end && n == int64(len(b)) {
			flags = 1
		}
		f := frameHdr(make([]byte, 0, 9+n), int(n), frameData, flags, c.id)
		if err := p.write(append(f, b[:n]...)); err != nil {
			return err
		}
		p.sendWin -= n
		c.sendWin -= n
		b = b[n:]
	}
	return nil
}

func (c *call) ended() bool {
	select {
	case <-c.done:
		return true
	default:
		return false
	}
}

// cancel resets the call.
func (c *call) cancel() {
	p := c.p
	p.mu.Lock()
	defer p.mu.Unlock()
	if !c.ended() {
		p.write(u32(frameHdr(nil, 4, frameReset, 0, c.id), 8))
		p.finish(c, errors.New("canceled"))
	}
}

// finish ends a call; the caller holds mu.
func (p *peer) finish(c *call, err error) {
	if p.calls[c.id] == c {
		delete(p.calls, c.id)
		c.err = err
		close(c.done)
		p.space.Broadcast()
	}
}

// wait returns the error with which a call ended, or errTimeout.
func (c *call) wait(within time.Duration) error {
	t := time.NewTimer(within)
	defer t.Stop()
	select {
	case <-c.done:
		return c.err
	case <-t.C:
		return errTimeout
	}
}

// unary makes one call and returns its response.
func (p *peer) unary(method, token string, req []byte, within time.Duration) ([]byte, error) {
	var answer []byte
	c, err := p.open(method, token, func(msg []byte) { answer = bytes.Clone(msg) })
	if err != nil {
		return nil, err
	}
	if err := c.send(req, true); err != nil {
		return nil, err
	}
	if err := c.wait(within); err != nil {
		c.cancel()
		return nil, err
	}
	return answer, nil
}

// reopen extends the window of each open call of the connection.
func (p *peer) reopen(bytes uint32) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	var b []byte
	for id := range p.calls {
		b = u32(frameHdr(b, 4, frameWindowUpdate, 0, id), bytes)
	}
	if len(b) == 0 {
		return p.err
	}
	return p.write(b)
}

// open calls of the connection.
func (p *peer) openCalls() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.calls)
}

func (p *peer) read() {
	err := p.frames()
	p.conn.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.err = errClosed
	for _, c := range p.calls {
		p.finish(c, fmt.Errorf("%w: %v", errClosed, err))
	}
	p.space.Broadcast()
}

func (p *peer) frames() error {
	rd := bufio.NewReaderSize(p.conn, 32<<10)
	dec := hpack.NewDecoder(4096, nil)
	var head [9]byte
	var buf, block []byte
	for {
		if _, err := io.ReadFull(rd, head[:]); err != nil {
			return err
		}
		n := int(head[0])<<16 | int(head[1])<<8 | int(head[2])
		if cap(buf) < n {
			buf = make([]byte, n)
		}
		b := buf[:n]
		if _, err := io.ReadFull(rd, b); err != nil {
			return err
		}
		kind, flags, id := head[3], head[4], binary.BigEndian.Uint32(head[5:])&0x7fffffff
		switch kind {
		case frameData:
			p.data(id, unpad(b, flags), n, flags&1 != 0)
		case frameHeaders, frameContinuation:
			if kind == frameHeaders {
				block = block[:0]
				if b = unpad(b, flags); flags&0x20 != 0 && len(b) >= 5 {
					b = b[5:]
				}
				if flags&1 != 0 {
					block = append(block, 1)
				} else {
					block = append(block, 0)
				}
			}
			block = append(block, b...)
			if flags&4 != 0 {
				fields, err := dec.DecodeFull(block[1:])
				if err != nil {
					return err
				}
				if block[0] == 1 {
					p.trailers(id, fields)
				}
			}
		default:
			p.control(kind, flags, id, b)
		}
	}
}

func unpad(b []byte, flags byte) []byte {
	if flags&8 != 0 && len(b) > 0 {
		return b[1 : len(b)-int(b[0])]
	}
	return b
}

func (p *peer) data(id uint32, b []byte, size int, end bool) {
	p.mu.Lock()
	c := p.calls[id]
	if !p.held && size > 0 {
		f := u32(frameHdr(nil, 4, frameWindowUpdate, 0, 0), uint32(size))
		if c != nil && !end {
			f = u32(frameHdr(f, 4, frameWindowUpdate, 0, id), uint32(size))
		}
		p.write(f)
	}
	p.mu.Unlock()
	if c == nil {
		return
	}
	c.part = append(c.part, b...)
	for len(c.part) >= 5 {
		n := int(binary.BigEndian.Uint32(c.part[1:]))
		if len(c.part) < 5+n {
			break
		}
		if c.on != nil {
			c.on(c.part[5 : 5+n])
		}
		c.part = c.part[:copy(c.part, c.part[5+n:])]
	}
}

func (p *peer) trailers(id uint32, fields []hpack.HeaderField) {
	status, text := "", ""
	for _, f := range fields {
		switch f.Name {
		case "grpc-status":
			status = f.Value
		case "grpc-message":
			text = f.Value
		}
	}
	var err error
	if status != "0" {
		err = fmt.Errorf("grpc-status %s %s", status, text)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if c := p.calls[id]; c != nil {
		p.finish(c, err)
	}
}

func (p *peer) control(kind, flags byte, id uint32, b []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case kind == frameReset && p.calls[id] != nil:
		p.finish(p.calls[id], fmt.Errorf("RST_STREAM %x", b))
	case kind == frameSettings && flags&1 == 0:
		for ; len(b) >= 6; b = b[6:] {
			if binary.BigEndian.Uint16(b) == 4 {
				grown := int64(binary.BigEndian.Uint32(b[2:])) - p.initWin
				p.initWin += grown
				for _, c := range p.calls {
					c.sendWin += grown
				}
			}
		}
		p.write(frameHdr(nil, 0, frameSettings, 1, 0))
		p.space.Broadcast()
	case kind == framePing && flags&1 == 0:
		p.write(append(frameHdr(nil, 8, framePing, 1, 0), b...))
	case kind == frameWindowUpdate && len(b) == 4:
		grown := int64(binary.BigEndian.Uint32(b) & maxWindow)
		if id == 0 {
			p.sendWin += grown
		} else if c := p.calls[id]; c != nil {
			c.sendWin += grown
		}
		p.space.Broadcast()
	}
}
