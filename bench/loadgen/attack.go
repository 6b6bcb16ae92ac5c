package main

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// attack holds the state that loads share: connections of one abusive peer, stop, counters.
type attack struct {
	f       *fair
	addr    string
	stop    chan struct{} // closed at the end of the load
	ran     chan struct{} // closed when its function has returned
	running sync.WaitGroup

	mu     sync.Mutex // guards peers
	peers  []*peer
	tokens []string

	asked, done, refused atomic.Int64
	lastRefusal          atomic.Value // string
}

func newAttack(f *fair) *attack {
	return &attack{f: f, addr: f.addr, stop: make(chan struct{}), ran: make(chan struct{})}
}

// end stops the load and closes its connections.
func (a *attack) end() {
	close(a.stop)
	select {
	case <-a.ran:
	case <-time.After(time.Second):
	}
	a.mu.Lock()
	for _, p := range a.peers {
		p.close()
	}
	a.mu.Unlock()
	finished := make(chan struct{})
	go func() { a.running.Wait(); close(finished) }()
	select {
	case <-finished:
	case <-time.After(callWithin):
	}
}

func (a *attack) summary() m {
	out := m{"asked": a.asked.Load(), "done": a.done.Load(), "refused": a.refused.Load()}
	if why, ok := a.lastRefusal.Load().(string); ok {
		out["last_refusal"] = why
	}
	return out
}

func (a *attack) stopped() bool {
	select {
	case <-a.stop:
		return true
	default:
		return false
	}
}

// note counts the outcome of one request.
func (a *attack) note(err error) {
	if err == nil {
		a.done.Add(1)
		return
	}
	a.refused.Add(1)
	a.lastRefusal.Store(err.Error())
}

// dial opens a connection that is closed at the end of the load.
func (a *attack) dial(o peerOpts) (*peer, error) {
	p, err := dialPeer(a.addr, o)
	if err != nil {
		a.note(err)
		return nil, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.peers = append(a.peers, p)
	return p, nil
}

// pace calls do n times, at most rate times a second, and stops early at the end of the load.
// n = 0 means no limit.
func (a *attack) pace(rate float64, n int, do func(i int) error) error {
	start := time.Now()
	for i := 0; (n == 0 || i < n) && !a.stopped(); i++ {
		if wait := time.Until(start.Add(time.Duration(float64(i) / rate * 1e9))); wait > time.Millisecond {
			time.Sleep(wait)
		}
		if err := do(i); err != nil {
			return err
		}
	}
	return nil
}

// parallel runs do on several goroutines and waits for all of them.
func (a *attack) parallel(n int, do func(worker int)) {
	var all sync.WaitGroup
	for i := range n {
		all.Add(1)
		a.running.Add(1)
		go func() {
			defer all.Done()
			defer a.running.Done()
			do(i)
		}()
	}
	all.Wait()
}

// signIn creates a guest and returns its token and number.
func signIn(p *peer, name string) (token string, number uint64, err error) {
	answer, err := p.unary(signInMethod, "", pbBytes(nil, 1, name), callWithin)
	if err != nil {
		return "", 0, err
	}
	fields(answer, func(num, v uint64, b []byte) {
		switch num {
		case 1:
			token = string(b)
		case 3:
			number = v
		}
	})
	return token, number, nil
}

// abuser is the stream of one guest with a limited number of requests in flight.
type abuser struct {
	a      *attack
	peer   *peer
	token  string
	number uint64
	call   *call
	free   chan struct{} // one element for each request that may be in flight
	last   chan uint64   // the newest acknowledged sequence
	ids    int
	name   string
}

func (a *attack) abuser(name string, inFlight int) (*abuser, error) {
	p, err := a.dial(peerOpts{streamWindow: 1 << 20})
	if err != nil {
		return nil, err
	}
	u := &abuser{a: a, peer: p, free: make(chan struct{}, inFlight), last: make(chan uint64, 1), name: name}
	if u.token, u.number, err = signIn(p, name); err != nil {
		return nil, err
	}
	u.call, err = p.open(connectMethod, u.token, func(msg []byte) {
		answers(msg, u.sent, u.rejected)
	})
	if err != nil {
		return nil, err
	}
	for range inFlight {
		u.free <- struct{}{}
	}
	return u, u.call.send(helloRequest("", ""), false)
}

func (u *abuser) sent(_ string, sequence uint64) {
	u.a.note(nil)
	u.a.f.ack(sequence)
	select {
	case <-u.last:
	default:
	}
	u.last <- sequence
	u.release()
}

func (u *abuser) rejected(reason string) {
	u.a.note(errors.New(reason))
	u.release()
}

func (u *abuser) release() {
	select {
	case u.free <- struct{}{}:
	default:
	}
}

// ask writes one request once fewer than the limit are in flight.
func (u *abuser) ask(request func(id string) []byte) error {
	select {
	case <-u.free:
	case <-u.call.done:
		u.a.note(fmt.Errorf("the stream ended: %w", u.call.err))
		return errClosed
	case <-u.a.stop:
		return errClosed
	}
	u.ids++
	u.a.asked.Add(1)
	return u.call.send(request(fmt.Sprintf("%s-%d", u.name, u.ids)), false)
}

// tell sends a message to the guest itself.
func (u *abuser) tell(text string) error {
	return u.ask(func(id string) []byte { return sendRequest(toNumber(u.number), text, id) })
}

// idle waits until every request is answered.
func (u *abuser) idle() bool {
	return waitFor(callWithin, func() bool { return len(u.free) == cap(u.free) || u.call.ended() || u.a.stopped() })
}
