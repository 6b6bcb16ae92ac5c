package main

import (
	"bufio"
	"flag"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// The mode "fair": good clients send, list messages and connect, while one abusive
// guest or peer runs a load. Latencies count from the time at which a request was due, so that a
// pause of the server is not hidden by requests that were delayed, too.

type fairOpts struct {
	load, acked               *string
	good                      *int
	sendRate                  *float64
	calmS, loadS              *float64
	listEvery, newcomersEvery *time.Duration
}

func fairFlags() *fairOpts {
	return &fairOpts{
		load:           flag.String("load", "", "fair: the load, by name"),
		acked:          flag.String("acked", "", "fair: a file that gets each acknowledged sequence, one a line"),
		good:           flag.Int("good", 50, "fair: good clients"),
		sendRate:       flag.Float64("send-rate", 40, "fair: messages a second of all good clients together"),
		calmS:          flag.Float64("calm-s", 4, "fair: seconds before the load, and after it"),
		loadS:          flag.Float64("load-s", 8, "fair: seconds of the load"),
		listEvery:      flag.Duration("list-every", 100*time.Millisecond, "fair: time between two ListMessages calls"),
		newcomersEvery: flag.Duration("newcomers-every", 500*time.Millisecond, "fair: time between two newcomers"),
	}
}

const (
	callWithin = 10 * time.Second // deadline of a good client's call
	settle     = time.Second      // pause between two phases
	heardIn    = 40 * time.Second // limit for all messages to arrive after the last phase
)

// A span is a phase of the run; it collects the latencies of requests due in it.
type span struct {
	name                        string
	from, to                    int64
	messages, lists, newcomers  hist
	failedLists, failedNewcomer int
	rssKB                       int64 // peak
	why                         string
}

type fair struct {
	o    *fairOpts
	addr string
	pid  int

	mu    sync.Mutex // guards the spans
	spans []*span

	goods     []*good
	lister    string // token of the client that lists
	stop      chan struct{}
	working   sync.WaitGroup
	refused   atomic.Int64
	sendFails atomic.Int64
	ackMu     sync.Mutex
	acked     []uint64
}

func (f *fair) ack(sequence uint64) {
	f.ackMu.Lock()
	defer f.ackMu.Unlock()
	f.acked = append(f.acked, sequence)
}

// note adds a latency, or a failure, to the span in which a request was due.
func (f *fair) note(due int64, add func(*span)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, s := range f.spans {
		if due >= s.from && (s.to == 0 || due < s.to) {
			add(s)
		}
	}
}

// good is one well-behaved client.
type good struct {
	f      *fair
	number int
	token  string
	peer   *peer
	call   *call
	rd     *reader
	mu     sync.Mutex // guards rd
	seq    atomic.Uint64
	queue  chan int64 // the times at which messages are due
}

func (f *fair) connect(number int) (*good, error) {
	p, err := dialPeer(f.addr, peerOpts{streamWindow: 1 << 20})
	if err != nil {
		return nil, err
	}
	w := &good{f: f, number: number, peer: p, queue: make(chan int64, 4096)}
	w.token, _, err = signIn(p, fmt.Sprintf("good%d", number))
	if err != nil {
		return nil, err
	}
	lp := &loop{}
	w.rd = &reader{next: make([]uint64, *f.o.good)}
	w.rd.onMessage = func(lp *loop, b []byte) {
		due := int64(getHex(b[5:21]))
		f.note(due, func(s *span) { s.messages.add(lp.tm - due) })
	}
	w.call, err = p.open(connectMethod, w.token, func(msg []byte) {
		w.mu.Lock()
		defer w.mu.Unlock()
		lp.tm = now()
		w.rd.take(lp, msg)
		answers(msg, func(_ string, sequence uint64) { f.ack(sequence) }, func(string) { f.refused.Add(1) })
	})
	if err == nil {
		err = w.call.send(helloRequest("", ""), false)
	}
	if err == nil && !waitFor(callWithin, func() bool { return w.caughtUp() || w.call.ended() }) || w.call.ended() {
		err = fmt.Errorf("good client %d was not welcomed: %v", number, w.call.err)
	}
	return w, err
}

func (w *good) caughtUp() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.rd.caughtUps > 0
}

// talk writes each message when it is due.
func (w *good) talk() {
	defer w.f.working.Done()
	buf := make([]byte, g.payload)
	for due := range w.queue {
		text := mkPayload(buf, 'M', due, w.number, w.seq.Load())
		id := fmt.Sprintf("g%d-%d", w.number, w.seq.Load())
		if err := w.call.send(sendRequest(toRoom("lobby"), string(text), id), false); err != nil {
			w.f.sendFails.Add(1)
			continue
		}
		w.seq.Add(1)
	}
}

// every calls do at a fixed rate with the due time, until the run stops.
func (f *fair) every(gap time.Duration, do func(due int64)) {
	start := now()
	for n := int64(0); ; n++ {
		due := start + n*int64(gap)
		if wait := time.Duration(due - now()); wait > 0 {
			select {
			case <-f.stop:
				return
			case <-time.After(wait):
			}
		}
		select {
		case <-f.stop:
			return
		default:
			do(due)
		}
	}
}

func (f *fair) send() {
	defer f.working.Done()
	n := 0
	f.every(time.Duration(1e9 / *f.o.sendRate), func(due int64) {
		select {
		case f.goods[n%len(f.goods)].queue <- due:
		default:
			f.sendFails.Add(1)
		}
		n++
	})
	for _, w := range f.goods {
		close(w.queue)
	}
}

// list reads the newest messages of the lobby repeatedly.
func (f *fair) list() {
	defer f.working.Done()
	p, err := dialPeer(f.addr, peerOpts{streamWindow: 1 << 20})
	if err != nil {
		fatal("the lister cannot connect: %v", err)
	}
	defer p.close()
	request := listRequest(toRoom("lobby"), 20)
	f.every(*f.o.listEvery, func(due int64) {
		_, err := p.unary(chatService+"ListMessages", f.lister, request, callWithin)
		took := now() - due
		f.note(due, func(s *span) {
			s.lists.add(took)
			if err != nil {
				s.failedLists++
				s.why = err.Error()
			}
		})
	})
}

// newcomers connects one client after another; each leaves once welcomed.
func (f *fair) newcomers() {
	defer f.working.Done()
	n := 0
	f.every(*f.o.newcomersEvery, func(due int64) {
		n++
		err := f.newcomer(fmt.Sprintf("new%d", n))
		took := now() - due
		f.note(due, func(s *span) {
			s.newcomers.add(took)
			if err != nil {
				s.failedNewcomer++
				s.why = err.Error()
			}
		})
	})
}

func (f *fair) newcomer(name string) error {
	p, err := dialPeer(f.addr, peerOpts{streamWindow: 1 << 20})
	if err != nil {
		return err
	}
	defer p.close()
	welcomed := make(chan struct{}, 1)
	c, err := p.open(connectMethod, "", func([]byte) {
		select {
		case welcomed <- struct{}{}:
		default:
		}
	})
	if err != nil {
		return err
	}
	if err := c.send(helloRequest(name, ""), false); err != nil {
		return err
	}
	select {
	case <-welcomed:
		return nil
	case <-c.done:
		return c.err
	case <-time.After(callWithin):
		return errTimeout
	}
}

// phase collects latencies for a time, or until its work is done.
func (f *fair) phase(name string, within time.Duration, work func()) *span {
	s := &span{name: name, from: now()}
	f.mu.Lock()
	f.spans = append(f.spans, s)
	f.mu.Unlock()
	done := make(chan struct{})
	if work != nil {
		go func() { work(); close(done) }()
	}
	for end := time.Now().Add(within); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		s.rssKB = max(s.rssKB, serverUse(f.pid, false).rssKB)
		select {
		case <-done:
			end = time.Now()
		default:
		}
	}
	f.mu.Lock()
	s.to = now()
	f.mu.Unlock()
	return s
}

func (f *fair) begin() error {
	for i := 0; i < *f.o.good; i++ {
		w, err := f.connect(i)
		if err != nil {
			return err
		}
		f.goods = append(f.goods, w)
	}
	f.lister = f.goods[0].token
	for _, w := range f.goods {
		f.working.Add(1)
		go w.talk()
	}
	f.working.Add(3)
	go f.send()
	go f.list()
	go f.newcomers()
	return nil
}

func runFair(o *fairOpts, addr string, pid int, res m) {
	l, ok := loads[*o.load]
	if !ok {
		fatal("no load %q", *o.load)
	}
	serverUse(pid, true)
	f := &fair{o: o, addr: addr, pid: pid, stop: make(chan struct{})}
	a := newAttack(f)
	if l.prepare != nil {
		if err := l.prepare(a); err != nil {
			res["error"] = fmt.Sprintf("%s: its preparation failed: %v", *o.load, err)
			return
		}
	}
	if err := f.begin(); err != nil {
		res["error"] = err.Error()
		return
	}
	calm := time.Duration(*o.calmS * 1e9)
	f.phase("warm", settle, nil)
	before := f.phase("before", calm, nil)
	before.rssKB = serverUse(pid, false).rssKB
	if l.ramp != nil {
		f.phase("ramp", 30*time.Second, func() { l.ramp(a) })
	}
	during := f.phase("during", time.Duration(*o.loadS*1e9), func() {
		l.run(a)
		close(a.ran)
		<-a.stop // the effects of a load are measured to the end of the phase
	})
	a.end()
	f.phase("settle", settle, nil)
	after := f.phase("after", calm, nil)
	after.rssKB = serverUse(pid, false).rssKB
	close(f.stop)
	finished := make(chan struct{})
	go func() { f.working.Wait(); close(finished) }()
	select {
	case <-finished:
	case <-time.After(heardIn):
		res["error"] = "a good client's request did not end"
	}
	heard := waitFor(heardIn, f.heard)
	res["fair"] = f.results(before, during, after, a)
	if lost := f.lost(); lost != "" && res["error"] == nil {
		res["error"] = lost
	} else if !heard && res["error"] == nil {
		res["error"] = "not every message reached every good client"
	}
	if err := f.writeAcked(); err != nil {
		res["error"] = err.Error()
	}
}

// heard reports whether every good client has every message of the others.
func (f *fair) heard() bool {
	for _, w := range f.goods {
		w.mu.Lock()
		for by, other := range f.goods {
			if other != w && w.rd.next[by] != other.seq.Load() && w.rd.wrong == "" {
				w.mu.Unlock()
				return false
			}
		}
		w.mu.Unlock()
	}
	return true
}

func (f *fair) lost() string {
	for _, w := range f.goods {
		if w.call.ended() {
			return fmt.Sprintf("the stream of good client %d ended: %v", w.number, w.call.err)
		}
		w.mu.Lock()
		wrong := w.rd.wrong
		w.mu.Unlock()
		if wrong != "" {
			return fmt.Sprintf("good client %d: %s", w.number, wrong)
		}
	}
	if n := f.refused.Load() + f.sendFails.Load(); n > 0 {
		return fmt.Sprintf("%d messages of good clients were refused or not sent", n)
	}
	return ""
}

func (f *fair) results(before, during, after *span, a *attack) m {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := m{"attack": a.summary()}
	for _, s := range []*span{before, during, after} {
		out[s.name] = m{
			"messages": quant(&s.messages), "lists": quant(&s.lists), "newcomers": quant(&s.newcomers),
			"failed_lists": s.failedLists, "failed_newcomers": s.failedNewcomer, "rss_kb": s.rssKB, "why": s.why,
		}
	}
	for _, s := range f.spans {
		if s.name == "ramp" {
			out["ramp"] = m{"messages": quant(&s.messages), "secs": r3(float64(s.to-s.from) / 1e9), "rss_kb": s.rssKB}
		}
	}
	limit := 1.5*before.messages.q(.99) + 20_000
	out["p99_limit_us"] = r1(limit)
	out["p99_ratio"] = r3(during.messages.q(.99) / max(1, before.messages.q(.99)))
	out["over"] = during.messages.q(.99) > limit
	out["lists_over"] = during.lists.q(.99) > 1.5*before.lists.q(.99)+20_000
	return out
}

// writeAcked writes the acknowledged sequences of all clients to a file.
func (f *fair) writeAcked() error {
	if *f.o.acked == "" {
		return nil
	}
	file, err := os.Create(*f.o.acked)
	if err != nil {
		return err
	}
	defer file.Close()
	w := bufio.NewWriter(file)
	f.ackMu.Lock()
	defer f.ackMu.Unlock()
	for _, sequence := range f.acked {
		fmt.Fprintln(w, sequence)
	}
	return w.Flush()
}
