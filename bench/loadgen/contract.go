package main

import "encoding/binary"

// The parts of this project's contract that a template cannot express.

// hello returns the first request of a stream as a gRPC message.
func hello(name, token, logID string, after uint64) []byte {
	var h []byte
	str := func(num uint64, s string) {
		if s != "" {
			h = append(appendVarint(appendVarint(h, num<<3|2), uint64(len(s))), s...)
		}
	}
	str(1, name)
	str(2, token)
	str(3, logID)
	if after > 0 {
		h = appendVarint(appendVarint(h, 4<<3), after)
	}
	req := appendVarint([]byte{1<<3 | 2}, uint64(len(h)))
	msg := make([]byte, 5, 5+len(req)+len(h))
	msg = append(append(msg, req...), h...)
	binary.BigEndian.PutUint32(msg[1:], uint32(len(msg)-5))
	return msg
}

// fields calls f with the number, varint and bytes of each field; false for a malformed message.
func fields(b []byte, f func(num, v uint64, p []byte)) bool {
	for len(b) > 0 {
		t, n := uvarint(b)
		if n == 0 {
			return false
		}
		b = b[n:]
		v, n := uvarint(b)
		if n == 0 {
			return false
		}
		b = b[n:]
		switch t & 7 {
		case 0:
			f(t>>3, v, nil)
		case 2:
			if v > uint64(len(b)) {
				return false
			}
			f(t>>3, v, b[:v])
			b = b[v:]
		default:
			return false
		}
	}
	return true
}

// The events that the generator reads.
const (
	evMessage  = 3
	evSent     = 4
	evRejected = 5
	evWelcome  = 6
	evCaughtUp = 7
)

type event struct {
	seq  uint64 // sequence in the log, 0 for an event that is not stored
	kind uint64
	body []byte
}

// events calls f with each event of a response.
func events(msg []byte, f func(event)) {
	fields(msg, func(_, _ uint64, p []byte) {
		var e event
		fields(p, func(num, v uint64, q []byte) {
			if num == 1 {
				e.seq = v
			} else if num != 2 {
				e.kind, e.body = num, q
			}
		})
		f(e)
	})
}

// text returns the text of a message.
func text(body []byte) (t []byte) {
	fields(body, func(num, _ uint64, p []byte) {
		if num == 4 {
			t = p
		}
	})
	return
}

type welcome struct {
	logID    string
	head     uint64
	recovery uint64
}

func readWelcome(body []byte) (w welcome) {
	fields(body, func(num, v uint64, p []byte) {
		switch num {
		case 2:
			w.logID = string(p)
		case 3:
			w.head = v
		case 4:
			w.recovery = v
		}
	})
	return
}

// fellBehind returns the field fell_behind of a caught_up.
func fellBehind(body []byte) (yes bool) {
	fields(body, func(num, v uint64, _ []byte) {
		if num == 2 {
			yes = v == 1
		}
	})
	return
}

// A reader checks one stream: every message of each publisher once and in order,
// rising sequences, welcome first, and caught_up before the stream counts as live.
type reader struct {
	next      []uint64 // the next expected number of each publisher
	step      uint64   // the distance of numbers if publishers share one numbering, else 0
	last      uint64   // sequence
	count     uint64
	welcomes  int
	caughtUps int
	behinds   int // caught_up with fell_behind
	wrong     string
	welcomeAt int64
	caughtAt  int64
	onMessage func(lp *loop, p []byte)
	onCaught  func()
}

func (r *reader) fail(why string) {
	if r.wrong == "" {
		r.wrong = why
	}
}

func (r *reader) take(lp *loop, msg []byte) {
	events(msg, func(e event) {
		if e.kind == evWelcome {
			r.welcomes++
			r.welcomeAt = lp.tm
		} else if r.welcomes != 1 {
			r.fail("something came before welcome, or after a second one")
		}
		if e.kind == evCaughtUp {
			r.caughtUps++
			if fellBehind(e.body) {
				r.behinds++
			}
			r.caughtAt = lp.tm
			if r.onCaught != nil {
				r.onCaught()
			}
		}
		if e.seq == 0 {
			return
		}
		if e.seq <= r.last {
			r.fail("a sequence did not rise")
		}
		r.last = e.seq
		if e.kind == evMessage {
			r.message(lp, text(e.body))
		}
	})
}

func (r *reader) message(lp *loop, p []byte) {
	if len(p) < hdrLen || string(p[:4]) != magic {
		r.fail("a message that nobody sent")
		return
	}
	by, seq, step := getHex(p[21:29]), getHex(p[29:37]), uint64(1)
	if r.step > 0 {
		by, step = seq%r.step, r.step
	}
	if by >= uint64(len(r.next)) {
		r.fail("a message of an unknown publisher")
		return
	}
	next := r.next[by]
	if r.step > 0 && next == 0 {
		next = seq // the first message since the stream is open
	}
	if seq < next {
		r.fail("a message came twice, or out of order")
	} else if seq > next {
		r.fail("a message is missing")
	}
	r.next[by] = seq + step
	r.count++
	g.delivered.Add(1)
	if r.onMessage != nil {
		r.onMessage(lp, p)
	}
}
