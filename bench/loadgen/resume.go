package main

import (
	"flag"
	"fmt"
	"sync/atomic"
	"syscall"
	"time"
)

// The mode "resume": many lagging streams resume at once while a few others are live.

type resumeOpts struct {
	logID, token           *string
	after, spread, stored  *int
	listeners, rounds      *int
	liveRate, quietS, maxS *float64
}

func resumeFlags() *resumeOpts {
	return &resumeOpts{
		logID:     flag.String("log-id", "", "resume: the log's name"),
		token:     flag.String("token", "bench-{i}", "resume: the token of user {i}"),
		after:     flag.Int("resume-after", 0, "resume: the sequence before the first stored message"),
		spread:    flag.Int("resume-spread", 500, "resume: so many first messages are known to some of the streams"),
		stored:    flag.Int("stored", 0, "resume: stored messages; their sequences follow resume-after without a gap"),
		listeners: flag.Int("listeners", 10, "resume: live streams that get the live messages"),
		rounds:    flag.Int("resume-rounds", 2, "resume: 2 adds a round that resumes from the server's memory"),
		liveRate:  flag.Float64("live-rate", 20, "resume: live messages a second"),
		quietS:    flag.Float64("quiet-s", 2, "resume: seconds of live messages with nobody catching up"),
		maxS:      flag.Float64("resume-timeout-s", 60, "resume: seconds for all to have caught up"),
	}
}

const (
	byStore = 0 // the publisher of the messages stored before the server starts
	byLive  = 1
)

type resumer struct {
	o         *resumeOpts
	sa        *syscall.SockaddrInet4
	pid       int
	publisher *client
	listeners []*client
	published uint64
	caught    atomic.Int64
	first     atomic.Int64 // time of the first hello of a round; 0 outside of rounds
}

func (r *resumer) open(idx int, lp *loop, rd *reader, first []byte) *client {
	cl := &client{idx: idx, rd: rd, hello: first}
	c := &conn{id: idx, lp: lp, cls: []*client{cl}}
	cl.c = c
	fd, err := dial(r.sa)
	if err != nil {
		fatal("connect: %v", err)
	}
	c.fd, c.up = fd, true
	return cl
}

func (r *resumer) start(cl *client) {
	g.d.onConnect(cl.c)
	cl.c.lp.add(cl.c)
}

// live opens a stream that starts at the head.
func (r *resumer) live(idx int, listens bool) *client {
	rd := &reader{next: []uint64{0, r.published}}
	if listens {
		rd.onMessage = func(lp *loop, p []byte) {
			if g.rec.Load() {
				lp.lat.add(lp.tm - int64(getHex(p[5:21])))
			}
		}
	}
	cl := r.open(idx, g.loops[1], rd, hello(fmt.Sprintf("live%d", idx), "", "", 0))
	r.start(cl)
	if !waitFor(10*time.Second, func() bool { return rd.caughtUps > 0 }) {
		fatal("a live stream was not welcomed")
	}
	return cl
}

func (r *resumer) publish(buf []byte) {
	g.d.publish(r.publisher, mkPayload(buf[:0], 'M', now(), byLive, r.published))
	r.published++
}

// heard waits until the listeners have all published messages.
func (r *resumer) heard(within time.Duration) bool {
	return waitFor(within, func() bool {
		for _, cl := range r.listeners {
			if cl.rd.next[byLive] != r.published && cl.rd.wrong == "" {
				return false
			}
		}
		return true
	})
}

// talk publishes at the live rate until done says so.
func (r *resumer) talk(buf []byte, done func() bool) {
	gap := time.Duration(1e9 / *r.o.liveRate)
	for at := time.Now(); !done(); at = at.Add(gap) {
		r.publish(buf)
		time.Sleep(time.Until(at.Add(gap)))
	}
}

func until(d time.Duration) func() bool {
	end := time.Now().Add(d)
	return func() bool { return time.Now().After(end) }
}

// comeBack lets all streams resume at once; it returns the measurements and the streams.
func (r *resumer) comeBack(rds []*reader, buf []byte) (m, []*client) {
	cls := make([]*client, len(rds))
	r.caught.Store(0)
	for i, rd := range rds {
		rd.onCaught = func() {
			if rd.caughtUps == 1 {
				r.caught.Add(1)
			}
		}
		token := string(appendParts(nil, splitVars(*r.o.token), &tvars{i: i}))
		cls[i] = r.open(i, g.loops[0], rd, hello("", token, *r.o.logID, rd.last))
	}
	all := func() bool { return int(r.caught.Load())+int(atomic.LoadInt64(&g.dead)) >= len(rds) }
	late := until(time.Duration(*r.o.maxS * 1e9))
	before := serverUse(r.pid, true).rssKB
	peak := before
	resetHists()
	g.rec.Store(true)
	a := takeSnap(r.pid)
	talked := make(chan bool)
	go func() {
		r.talk(buf, func() bool { return all() || late() })
		close(talked)
	}()
	for _, cl := range cls {
		r.start(cl)
	}
	for !all() && !late() {
		peak = max(peak, serverUse(r.pid, false).rssKB)
		time.Sleep(50 * time.Millisecond)
	}
	b := takeSnap(r.pid)
	<-talked
	heard := r.heard(10 * time.Second)
	g.rec.Store(false)
	last, welcomed := int64(0), int64(0)
	for _, rd := range rds {
		last, welcomed = max(last, rd.caughtAt), max(welcomed, rd.welcomeAt)
	}
	ph := phase(a, b, b.deliv-a.deliv)
	secs := float64(last-a.t) / 1e9
	ph["secs"], ph["welcomed_s"] = r3(secs), r3(float64(welcomed-a.t)/1e9)
	ph["per_s"] = r1(float64(b.deliv-a.deliv) / secs)
	ph["caught_up"] = r.caught.Load()
	ph["live"] = quant(mergeHist(func(l *loop) *hist { return &l.lat }))
	ph["rss_before_kb"], ph["rss_peak_kb"], ph["rss_growth_kb"] = before, peak, peak-before
	for _, cl := range r.listeners {
		if cl.rd.wrong != "" {
			rds = append(rds, cl.rd)
		}
	}
	// The streams, live now, also get all messages published meanwhile.
	complete := waitFor(10*time.Second, func() bool {
		for _, rd := range rds {
			if rd.next[byLive] != r.published && rd.wrong == "" {
				return false
			}
		}
		return true
	})
	ph["wrong"] = verdict(rds, complete && heard)
	return ph, cls
}

// verdict returns the violations that the readers saw, or an empty string.
func verdict(rds []*reader, complete bool) string {
	n, why := 0, ""
	for _, rd := range rds {
		if rd.wrong == "" && rd.caughtUps == 0 {
			rd.wrong = "it never caught up"
		}
		if rd.wrong != "" {
			n, why = n+1, rd.wrong
		}
	}
	if n > 0 {
		return fmt.Sprintf("%d streams: %s", n, why)
	}
	if !complete {
		return "not all messages came to every stream"
	}
	return ""
}

func (c *conn) quit() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	syscall.EpollCtl(c.lp.ep, syscall.EPOLL_CTL_DEL, c.fd, nil)
	syscall.Close(c.fd)
}

func runResume(o *resumeOpts, n int, sa *syscall.SockaddrInet4, pid int, res m) {
	r := &resumer{o: o, sa: sa, pid: pid}
	buf := make([]byte, 0, g.payload+64)
	r.publisher = r.live(n, false)
	for i := 1; i <= *o.listeners; i++ {
		r.listeners = append(r.listeners, r.live(n+i, true))
	}
	g.rec.Store(true)
	r.talk(buf, until(time.Duration(*o.quietS*1e9)))
	r.heard(10 * time.Second)
	g.rec.Store(false)
	quiet := quant(mergeHist(func(l *loop) *hist { return &l.lat }))
	rds := make([]*reader, n)
	for i := range rds {
		known := i % *o.spread
		rds[i] = &reader{last: uint64(*o.after + known), next: []uint64{uint64(known), 0}}
	}
	name := "resume"
	for round := 0; round < *o.rounds; round++ {
		ph, cls := r.comeBack(rds, buf)
		ph["quiet"] = quiet
		res[name] = ph
		if ph["wrong"] != "" {
			res["error"] = fmt.Sprintf("%s: %v", name, ph["wrong"])
			return
		}
		name = "resume_memory"
		for i, cl := range cls {
			cl.c.quit()
			old := cl.rd
			rds[i] = &reader{last: old.last, next: old.next}
		}
		if round+1 < *o.rounds && !r.say(*o.stored, buf) {
			res["error"] = "the messages of the second round did not come"
			return
		}
	}
}

// say publishes count messages in batches and waits until they were received.
func (r *resumer) say(count int, buf []byte) bool {
	for said := 0; said < count; said++ {
		r.publish(buf)
		if said%64 == 63 && !r.heard(10*time.Second) {
			return false
		}
	}
	return r.heard(10 * time.Second)
}
