package main

import (
	"crypto/tls"
	"fmt"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"
)

var t0 = time.Now()

func now() int64    { return int64(time.Since(t0)) } // monotonic, ns
func wallNS() int64 { return time.Now().UnixNano() }

// driver encodes and decodes the payloads of one protocol.
type driver interface {
	perConn() int                          // logical clients per TCP connection
	onConnect(c *conn)                     // TCP is connected: send the protocol's preface
	onData(c *conn, b []byte) int          // handle whole units; return the number of bytes used
	publish(cl *client, payload []byte)    // to the room
	dm(cl *client, to int, payload []byte) // to one user
	echo() bool                            // true if a sender gets its own message
}

type client struct {
	idx    int // logical user number
	k      int // number within its connection
	c      *conn
	ready  bool
	probed bool
	dead   bool
	last   []uint64 // the last message of each publisher, plus 1
	part   []byte   // driver scratch: unfinished message of this stream
	st     any      // driver state
	seq    uint64
	hello  []byte  // the first request, in place of the driver's template
	rd     *reader // handles received data, in place of the driver
}

type conn struct {
	fd     int
	id     int
	lp     *loop
	mu     sync.Mutex
	out    []byte
	armed  bool
	in     []byte // unfinished unit
	cls    []*client
	st     any
	up     bool
	closed bool
	win    int       // HTTP/2 receive window, extended by the reader; 0 for the driver's default
	tls    *tls.Conn // nil for plain text
	pipe   *tlsPipe
}

type loop struct {
	ep      int
	conns   map[int32]*conn
	mu      sync.Mutex
	buf     []byte
	tm      int64 // time of the read being handled
	lat     hist
	dmlat   hist // one way
	rtt     hist
	rdBytes uint64
	reads   uint64
	frames  uint64 // responses with payloads
	scratch []byte
	records []byte // with TLS: what one read of a socket returned
}

func newLoop() *loop {
	ep, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	if err != nil {
		fatal("epoll: %v", err)
	}
	return &loop{ep: ep, conns: map[int32]*conn{}, buf: make([]byte, 256<<10), scratch: make([]byte, 0, 4096)}
}

func fatal(f string, a ...any) {
	fmt.Fprintf(os.Stderr, "loadgen: "+f+"\n", a...)
	os.Exit(1)
}

func dial(addr *syscall.SockaddrInet4) (int, error) {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, err
	}
	if err := syscall.Connect(fd, addr); err != nil { // blocking; loopback
		syscall.Close(fd)
		return -1, err
	}
	syscall.SetsockoptInt(fd, syscall.IPPROTO_TCP, syscall.TCP_NODELAY, 1)
	syscall.SetNonblock(fd, true)
	return fd, nil
}

func (lp *loop) add(c *conn) {
	lp.mu.Lock()
	lp.conns[int32(c.fd)] = c
	lp.mu.Unlock()
	ev := syscall.EpollEvent{Events: syscall.EPOLLIN, Fd: int32(c.fd)}
	if c.armed { // something is queued already
		ev.Events |= syscall.EPOLLOUT
	}
	if err := syscall.EpollCtl(lp.ep, syscall.EPOLL_CTL_ADD, c.fd, &ev); err != nil {
		fatal("epoll_ctl: %v", err)
	}
}

func (c *conn) arm(on bool) {
	if c.armed == on {
		return
	}
	c.armed = on
	ev := syscall.EpollEvent{Events: syscall.EPOLLIN, Fd: int32(c.fd)}
	if on {
		ev.Events |= syscall.EPOLLOUT
	}
	syscall.EpollCtl(c.lp.ep, syscall.EPOLL_CTL_MOD, c.fd, &ev)
}

// write sends b, and queues the bytes that the socket does not take.
func (c *conn) write(b []byte) {
	c.mu.Lock()
	c.writeLocked(b)
	c.mu.Unlock()
}

func rawWrite(fd int, b []byte) (int, error) { // non-blocking sockets only
	r, _, e := syscall.RawSyscall(syscall.SYS_WRITE, uintptr(fd), uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)))
	if e != 0 {
		return -1, e
	}
	return int(r), nil
}

func (c *conn) writeLocked(b []byte) {
	if c.tls != nil {
		c.tls.Write(b) // to c.send; the read side handles an error
		return
	}
	c.send(b)
}

// send sends the bytes of the socket; the caller holds mu.
func (c *conn) send(b []byte) {
	if c.closed {
		return
	}
	if len(c.out) == 0 {
		for len(b) > 0 {
			n, err := rawWrite(c.fd, b)
			if n > 0 {
				b = b[n:]
				continue
			}
			if err == syscall.EINTR {
				continue
			}
			if err == syscall.EAGAIN {
				break
			}
			return // the read side handles the error
		}
		if len(b) == 0 {
			return
		}
	}
	c.out = append(c.out, b...)
	c.arm(true)
}

func (c *conn) flush() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.out) > 0 && !c.closed {
		n, err := rawWrite(c.fd, c.out)
		if n > 0 {
			c.out = c.out[:copy(c.out, c.out[n:])]
			continue
		}
		if err == syscall.EINTR {
			continue
		}
		break
	}
	if len(c.out) == 0 {
		c.arm(false)
	}
}

func (c *conn) close(why string) {
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return
	}
	c.closed = true
	c.mu.Unlock()
	syscall.EpollCtl(c.lp.ep, syscall.EPOLL_CTL_DEL, c.fd, nil)
	syscall.Close(c.fd)
	for _, cl := range c.cls {
		cl.die(why)
	}
}

func (cl *client) die(why string) {
	if cl.dead {
		return
	}
	cl.dead = true
	n := atomic.AddInt64(&g.dead, 1)
	if cl.rd == nil { // clients with a reader of their own do not count
		g.expect.Add(-1)
	}
	if n <= 5 && !g.ending.Load() {
		fmt.Fprintf(os.Stderr, "loadgen: client %d ended: %s\n", cl.idx, why)
	}
}

func (cl *client) markReady() {
	if !cl.ready {
		cl.ready = true
		atomic.AddInt64(&g.ready, 1)
	}
}

func (lp *loop) run() {
	runtime.LockOSThread()
	evs := make([]syscall.EpollEvent, 512)
	for {
		// raw: the scheduler is not told, so a wake-up costs no hand-over of the P
		r, _, errno := syscall.RawSyscall6(syscall.SYS_EPOLL_WAIT, uintptr(lp.ep), uintptr(unsafe.Pointer(&evs[0])), uintptr(len(evs)), 10, 0, 0)
		n := int(r)
		if errno != 0 {
			if errno != syscall.EINTR {
				fatal("epoll_wait: %v", errno)
			}
			n = 0
		}
		for i := 0; i < n; i++ {
			e := &evs[i]
			lp.mu.Lock()
			c := lp.conns[e.Fd]
			lp.mu.Unlock()
			if c == nil || c.closed {
				continue
			}
			if e.Events&syscall.EPOLLOUT != 0 {
				c.flush()
			}
			if e.Events&^uint32(syscall.EPOLLOUT) != 0 {
				lp.readable(c)
			}
		}
		g.pump(lp)
	}
}

func (lp *loop) readable(c *conn) {
	if c.tls != nil {
		lp.readableTLS(c)
		return
	}
	have := copy(lp.buf, c.in)
	if n, ok := lp.receive(c, lp.buf[have:]); ok {
		lp.take(c, have+n)
	}
}

// receive reads a socket once; ok is false if there is nothing to handle.
func (lp *loop) receive(c *conn, space []byte) (n int, ok bool) {
	r, _, errno := syscall.RawSyscall(syscall.SYS_READ, uintptr(c.fd), uintptr(unsafe.Pointer(&space[0])), uintptr(len(space)))
	n = int(r)
	if errno != 0 || n <= 0 {
		if errno != syscall.EAGAIN && errno != syscall.EINTR {
			c.close(fmt.Sprintf("read: n=%d errno=%d %v", n, int(errno), errno))
		}
		return 0, false
	}
	lp.tm = now()
	lp.reads++
	lp.rdBytes += uint64(n)
	return n, true
}

// take handles the first n bytes of lp.buf, and keeps the rest of a unit that is not complete.
func (lp *loop) take(c *conn, n int) {
	b := lp.buf[:n]
	used := g.d.onData(c, b)
	rest := b[used:]
	if len(rest) > 0 {
		if len(rest) > len(lp.buf)/2 {
			lp.buf = append(make([]byte, 0, 2*len(lp.buf)), rest...)
			lp.buf = lp.buf[:cap(lp.buf)]
			rest = lp.buf[:len(rest)]
		}
		c.in = append(c.in[:0], rest...)
	} else if c.in != nil {
		if cap(c.in) > 32<<10 {
			c.in = nil
		} else {
			c.in = c.in[:0]
		}
	}
}
