package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"
	"time"
)

// TLS on a socket of the event loop. crypto/tls expects a connection that blocks; tlsPipe blocks only
// during the handshake, which has a goroutine of its own.

const (
	maxRecord       = 16 << 10 // decrypted bytes of a record
	handshakeWithin = 10 * time.Second
)

// noRecord says that the rest of a record has not arrived. crypto/tls reads on after a temporary error.
type noRecord struct{}

func (noRecord) Error() string   { return "no complete record" }
func (noRecord) Timeout() bool   { return true }
func (noRecord) Temporary() bool { return true }

// tlsPipe is the connection below a tls.Conn.
type tlsPipe struct {
	net.Conn // nil: crypto/tls calls only Read and Write here
	c        *conn
	in       []byte // received, and not read by crypto/tls yet
	blocking bool
}

func (p *tlsPipe) Read(b []byte) (int, error) {
	if p.blocking {
		n, err := syscall.Read(p.c.fd, b)
		if err == nil && n == 0 {
			err = errors.New("the server closed the connection")
		}
		return max(n, 0), err
	}
	if len(p.in) == 0 {
		return 0, noRecord{}
	}
	n := copy(b, p.in)
	p.in = p.in[n:]
	return n, nil
}

// Write is called with the connection's mu held, except during the handshake.
func (p *tlsPipe) Write(b []byte) (int, error) {
	if !p.blocking {
		p.c.send(b)
		return len(b), nil
	}
	for sent := 0; sent < len(b); {
		n, err := syscall.Write(p.c.fd, b[sent:])
		if err != nil {
			return sent, err
		}
		sent += n
	}
	return len(b), nil
}

// clientTLS trusts one authority.
func clientTLS(authority, host string) (*tls.Config, error) {
	pem, err := os.ReadFile(authority)
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s has no certificate in PEM", authority)
	}
	return &tls.Config{
		RootCAs: roots, ServerName: host, NextProtos: []string{"h2"},
		// In TLS 1.3 the server sends nothing after its part of the handshake until it has ours. So the
		// handshake reads no byte that belongs to the event loop.
		MinVersion:                  tls.VersionTLS13,
		DynamicRecordSizingDisabled: true,
	}, nil
}

// secure makes the handshake of a connected socket.
func (c *conn) secure(config *tls.Config) error {
	c.pipe = &tlsPipe{c: c, blocking: true}
	c.tls = tls.Client(c.pipe, config)
	if err := syscall.SetNonblock(c.fd, false); err != nil {
		return err
	}
	limit := syscall.NsecToTimeval(int64(handshakeWithin))
	if err := syscall.SetsockoptTimeval(c.fd, syscall.SOL_SOCKET, syscall.SO_RCVTIMEO, &limit); err != nil {
		return err
	}
	if err := c.tls.Handshake(); err != nil {
		return err
	}
	if c.tls.ConnectionState().NegotiatedProtocol != "h2" {
		return errors.New("the server does not offer h2")
	}
	c.pipe.blocking = false
	return syscall.SetNonblock(c.fd, true)
}

// begin starts a connected client, after the handshake if there is one.
func (c *conn) begin(secure *tls.Config) {
	if secure != nil {
		if err := c.secure(secure); err != nil {
			c.close(fmt.Sprintf("TLS handshake: %v", err))
			return
		}
	}
	g.d.onConnect(c)
	c.lp.add(c)
}

// readableTLS reads the socket once, and handles what the complete records contain.
func (lp *loop) readableTLS(c *conn) {
	if lp.records == nil {
		lp.records = make([]byte, 256<<10)
	}
	n, ok := lp.receive(c, lp.records)
	if !ok {
		return
	}
	c.pipe.in = lp.records[:n]
	for more := true; more && !c.closed; {
		have := copy(lp.buf, c.in)
		for more && len(lp.buf)-have >= maxRecord {
			c.mu.Lock() // crypto/tls answers a change of keys
			n, err := c.tls.Read(lp.buf[have:])
			c.mu.Unlock()
			have += n
			if err != nil && !errors.Is(err, noRecord{}) {
				c.close(fmt.Sprintf("TLS: %v", err))
				return
			}
			more = err == nil
		}
		lp.take(c, have)
	}
}
