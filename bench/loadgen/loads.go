package main

import (
	"fmt"
	"math/rand"
	"net"
	"strings"
	"time"
)

// The loads of the mode "fair". Each is bounded in rate, so that the generator's own CPU stays
// available for the good clients.

// load is the behavior of one abusive guest or peer.
type load struct {
	prepare func(*attack) error // before the first measurement
	ramp    func(*attack)       // between the phases "before" and "during"
	run     func(*attack)       // the load itself; it may end before the phase
}

const maxTextBytes = 16 * 1024

var loads = map[string]load{
	"ligatures":   {run: func(a *attack) { a.texts(200, func(int) string { return strings.Repeat("\ufdfa", maxTextBytes/3) }) }},
	"han":         {run: func(a *attack) { a.texts(200, han) }},
	"edits":       {run: edits},
	"phrases":     {prepare: frequentWords, run: phrases},
	"windows":     {ramp: smallWindows, run: reopenWindows},
	"unread":      {prepare: largeMessages, run: unread},
	"hellos":      {ramp: func(a *attack) { a.silentStreams(2500) }, run: func(a *attack) { a.keepSilent(2500) }},
	"streams":     {ramp: func(a *attack) { a.streamsOfOne(2500) }, run: hold},
	"mentions":    {run: mentions},
	"rooms":       {prepare: manyRooms, run: listRooms},
	"flood":       {run: flood},
	"watches":     {ramp: watches, run: hold},
	"tls":         {run: func(a *attack) { a.garbage(2000, tlsHello) }},
	"http1":       {run: func(a *attack) { a.garbage(2000, []byte("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")) }},
	"clients":     {prepare: manyGuests, run: listClients},
	"descriptors": {ramp: idleConnections, run: hold},
}

func hold(a *attack) { <-a.stop }

// texts sends messages to the guest itself, 100 a second.
func (a *attack) texts(n int, text func(i int) string) {
	u, err := a.abuser("abuser", 64)
	if err != nil {
		a.note(err)
		return
	}
	a.pace(100, n, func(i int) error { return u.tell(text(i)) })
	u.idle()
}

// han returns a text of 5,461 different Han letters.
func han(i int) string {
	letters := rand.New(rand.NewSource(int64(i))).Perm(0x9fff - 0x4e00)[:maxTextBytes/3]
	var b strings.Builder
	for _, letter := range letters {
		b.WriteRune(rune(0x4e00 + letter))
	}
	return b.String()
}

// edits edits one message 20,000 times, and deletes it.
func edits(a *attack) {
	u, err := a.abuser("abuser", 512)
	if err != nil {
		a.note(err)
		return
	}
	if u.tell("edited soon") != nil {
		return
	}
	sequence := <-u.last
	a.pace(5000, 20_000, func(i int) error {
		return u.ask(func(id string) []byte { return editRequest(sequence, fmt.Sprintf("edit %d", i), id) })
	})
	u.idle()
	u.ask(func(id string) []byte { return deleteRequest(sequence, id) })
	u.idle()
}

func frequentWords(a *attack) error {
	u, err := a.abuser("abuser", 8)
	if err != nil {
		return err
	}
	text := strings.Repeat("a ", maxTextBytes/2-1) + "a"
	err = a.pace(200, 60, func(int) error { return u.tell(text) })
	u.idle()
	a.tokens = append(a.tokens, u.token)
	return err
}

// phrases searches eight phrases of 2,700 words at once, cancels each after 0.3 s, and repeats this
// two seconds later.
func phrases(a *attack) {
	p, err := a.dial(peerOpts{streamWindow: 1 << 20})
	if err != nil {
		return
	}
	phrase := `"` + strings.TrimSpace(strings.Repeat("a ", 2700)) + `"`
	request := pbBytes(nil, 1, phrase)
	for range 2 {
		a.parallel(8, func(int) {
			a.asked.Add(1)
			_, err := p.unary(chatService+"SearchMessages", a.tokens[0], request, 300*time.Millisecond)
			a.note(err)
		})
		time.Sleep(1700 * time.Millisecond)
	}
}

// smallWindows opens 500 streams of 500 guests, each with a receive window of 200 bytes.
func smallWindows(a *attack) {
	var p *peer
	a.pace(250, 500, func(i int) (err error) {
		if i%100 == 0 {
			if p, err = a.dial(peerOpts{streamWindow: 200, held: true}); err != nil {
				return err
			}
			go a.reopen(p)
		}
		a.asked.Add(1)
		c, err := p.open(connectMethod, "", nil)
		if err != nil {
			return err
		}
		return c.send(helloRequest(fmt.Sprintf("small%d", i), ""), false)
	})
}

// reopen extends the window of each stream of a connection by 200 bytes every 60 ms.
func (a *attack) reopen(p *peer) {
	a.pace(1/0.06, 0, func(int) error { return p.reopen(200) })
}

func reopenWindows(a *attack) {
	<-a.stop
	for _, p := range a.peers {
		a.done.Add(int64(p.openCalls()))
	}
}

func largeMessages(a *attack) error {
	u, err := a.abuser("abuser", 32)
	if err != nil {
		return err
	}
	text := strings.Repeat("large ", maxTextBytes/6)
	err = a.pace(1000, 300, func(int) error { return u.tell(text) })
	u.idle()
	a.tokens = append(a.tokens, u.token, fmt.Sprint(u.number))
	return err
}

// unread makes 400 ListMessages calls whose receive window stays 0.
func unread(a *attack) {
	var number uint64
	fmt.Sscan(a.tokens[1], &number)
	request := listRequest(toNumber(number), 300)
	var p *peer
	var calls []*call
	a.pace(200, 400, func(i int) (err error) {
		if i%100 == 0 {
			if p, err = a.dial(peerOpts{streamWindow: 0, held: true}); err != nil {
				return err
			}
		}
		a.asked.Add(1)
		c, err := p.open(chatService+"ListMessages", a.tokens[0], nil)
		if err != nil {
			return err
		}
		calls = append(calls, c)
		return c.send(request, true)
	})
	<-a.stop
	a.countEnds(calls)
}

// countEnds counts the calls that the server ended as refused, the others as done.
func (a *attack) countEnds(calls []*call) {
	for _, c := range calls {
		if c.ended() {
			a.note(c.err)
		} else {
			a.note(nil)
		}
	}
}

// silentStreams opens Connect calls without a hello, on 100-call connections.
func (a *attack) silentStreams(n int) {
	var p *peer
	a.pace(1000, n, func(i int) (err error) {
		if i%100 == 0 {
			if p, err = a.dial(peerOpts{streamWindow: 1 << 16}); err != nil {
				return err
			}
		}
		a.asked.Add(1)
		_, err = p.open(connectMethod, "", nil)
		return err
	})
}

// keepSilent replaces each call that the server ended.
func (a *attack) keepSilent(n int) {
	a.pace(10, 0, func(int) error {
		for _, p := range a.peers {
			for k := p.openCalls(); k < 100 && !a.stopped(); k++ {
				a.asked.Add(1)
				if _, err := p.open(connectMethod, "", nil); err != nil {
					break
				}
			}
		}
		return nil
	})
	open := 0
	for _, p := range a.peers {
		open += p.openCalls()
	}
	a.done.Add(int64(open))
}

// streamsOfOne opens streams with one token.
func (a *attack) streamsOfOne(n int) {
	u, err := a.abuser("abuser", 1)
	if err != nil {
		a.note(err)
		return
	}
	var p *peer
	var calls []*call
	a.pace(500, n, func(i int) (err error) {
		if i%100 == 0 {
			if p, err = a.dial(peerOpts{streamWindow: 1 << 16}); err != nil {
				return err
			}
		}
		a.asked.Add(1)
		c, err := p.open(connectMethod, u.token, nil)
		if err != nil {
			return err
		}
		calls = append(calls, c)
		return c.send(helloRequest("", ""), false)
	})
	waitFor(5*time.Second, func() bool { return a.stopped() })
	a.countEnds(calls)
}

// mentions sends 100 messages a second to the guest itself, each with 100 unknown names.
func mentions(a *attack) {
	n := 0
	a.texts(0, func(int) string {
		var b strings.Builder
		for range 100 {
			n++
			fmt.Fprintf(&b, "@unknown%d ", n)
		}
		return b.String()
	})
}

// manyRooms tries to create 12,000 rooms of 40 guests.
func manyRooms(a *attack) error {
	a.parallel(8, func(worker int) {
		p, err := a.dial(peerOpts{streamWindow: 1 << 20})
		for guest := worker; guest < 40 && err == nil; guest += 8 {
			var token string
			if token, _, err = signIn(p, fmt.Sprintf("owner%d", guest)); err != nil {
				break
			}
			for n := range 300 {
				request := pbBytes(nil, 1, fmt.Sprintf("room%dx%d", guest, n))
				_, refused := p.unary(chatService+"CreateRoom", token, request, callWithin)
				a.note(refused)
				if refused != nil {
					break
				}
			}
		}
		if err != nil {
			a.note(err)
		}
	})
	return a.oneGuest()
}

func (a *attack) oneGuest() error {
	p, err := a.dial(peerOpts{streamWindow: 1 << 20})
	if err != nil {
		return err
	}
	token, _, err := signIn(p, "abuser")
	a.tokens = append(a.tokens, token)
	return err
}

func listRooms(a *attack)   { a.pages("ListRooms") }
func listClients(a *attack) { a.pages("ListClients") }

// pages reads the pages of a list continuously, on four connections.
func (a *attack) pages(method string) {
	a.parallel(4, func(int) {
		p, err := a.dial(peerOpts{streamWindow: 1 << 22})
		if err != nil {
			return
		}
		var next []byte
		a.pace(500, 0, func(int) error {
			a.asked.Add(1)
			request := pbInt(nil, 1, 1000)
			if len(next) > 0 {
				request = pbBytes(request, 2, next)
			}
			answer, err := p.unary(chatService+method, a.tokens[0], request, callWithin)
			if a.note(err); err != nil {
				next = nil
				return nil
			}
			next = nil
			fields(answer, func(num, _ uint64, b []byte) {
				if num == 2 {
					next = append(next, b...)
				}
			})
			return nil
		})
	})
}

// flood writes messages of 16 KB to the guest itself, on four streams.
func flood(a *attack) {
	text := strings.Repeat("flood ", maxTextBytes/6)
	a.parallel(4, func(worker int) {
		u, err := a.abuser(fmt.Sprintf("abuser%d", worker), 64)
		if err != nil {
			a.note(err)
			return
		}
		a.pace(500, 0, func(int) error { return u.tell(text) })
	})
}

// watches opens 1,000 Watch streams of the health service.
func watches(a *attack) {
	var p *peer
	a.pace(500, 1000, func(i int) (err error) {
		if i%100 == 0 {
			if p, err = a.dial(peerOpts{streamWindow: 1 << 16}); err != nil {
				return err
			}
		}
		a.asked.Add(1)
		c, err := p.open("/grpc.health.v1.Health/Watch", "", func([]byte) { a.note(nil) })
		if err != nil {
			return err
		}
		return c.send(nil, true)
	})
}

// tlsHello is the start of a TLS 1.2 handshake: a ClientHello with one cipher suite.
var tlsHello = func() []byte {
	body := append([]byte{3, 3}, make([]byte, 33)...)
	body = append(body, 0, 2, 0x13, 1, 1, 0)
	hello := append([]byte{1, 0, 0, byte(len(body))}, body...)
	return append([]byte{22, 3, 1, 0, byte(len(hello))}, hello...)
}()

// garbage connects at a fixed rate, writes bytes that are not HTTP/2, and waits for the
// server to close. Each connection ends with a reset, which leaves no port in TIME_WAIT.
func (a *attack) garbage(rate float64, b []byte) {
	a.parallel(8, func(int) {
		buf := make([]byte, 512)
		a.pace(rate/8, 0, func(int) error {
			a.asked.Add(1)
			conn, err := net.DialTimeout("tcp4", a.addr, time.Second)
			if err != nil {
				a.note(err)
				return nil
			}
			conn.(*net.TCPConn).SetLinger(0)
			conn.Write(b)
			conn.SetReadDeadline(time.Now().Add(200 * time.Millisecond))
			conn.Read(buf)
			conn.Close()
			a.note(nil)
			return nil
		})
	})
}

// manyGuests tries to sign in 10,000 guests.
func manyGuests(a *attack) error {
	a.parallel(16, func(worker int) {
		p, err := a.dial(peerOpts{streamWindow: 1 << 20})
		for n := worker; n < 10_000 && err == nil; n += 16 {
			_, _, err = signIn(p, fmt.Sprintf("guest%d", n))
			a.note(err)
		}
	})
	return a.oneGuest()
}

// idleConnections opens 1,000 connections that send nothing.
func idleConnections(a *attack) {
	a.pace(500, 1000, func(int) error {
		a.asked.Add(1)
		_, err := a.dial(peerOpts{streamWindow: 1 << 16})
		if err == nil {
			a.note(nil)
		}
		return nil
	})
}
