package main

import (
	"fmt"
	"sync/atomic"
	"syscall"
	"time"
)

// The phase "slow": the same load without and with a stream that takes 1 kB a second,
// which reads everything that it missed after the load.

const (
	slowRate   = 1000 // bytes a second
	slowStep   = 100 * time.Millisecond
	slowWindow = 65535
)

type slowReader struct {
	cl   *client
	fast atomic.Bool
	stop atomic.Bool
	took atomic.Int64 // bytes beyond the first window
	done chan bool
}

// openSlow connects a stream whose receive window is extended at its reading rate.
func openSlow(idx int, sa *syscall.SockaddrInet4) *slowReader {
	rd := &reader{next: make([]uint64, len(g.pubs)), step: uint64(len(g.pubs))}
	cl := &client{idx: idx, rd: rd, hello: hello("slow", "", "", 0)}
	lp := newLoop() // a loop of its own, which never runs
	c := &conn{id: idx, lp: lp, cls: []*client{cl}, win: slowWindow}
	cl.c = c
	fd, err := dial(sa)
	if err != nil {
		fatal("connect: %v", err)
	}
	c.fd, c.up = fd, true
	s := &slowReader{cl: cl, done: make(chan bool)}
	g.d.onConnect(c)
	go s.run()
	return s
}

func (s *slowReader) run() {
	defer close(s.done)
	c, d := s.cl.c, g.d.(*grpcDrv)
	buf := make([]byte, 64<<10)
	given := time.Now()
	for !s.stop.Load() {
		if s.fast.Load() {
			d.giveBack(c, slowWindow)
		} else if now := time.Now(); now.Sub(given) >= slowStep {
			given = now
			s.took.Add(int64(d.giveBack(c, int(slowRate*slowStep/time.Second))))
		}
		n, err := syscall.Read(c.fd, buf)
		if err == syscall.EAGAIN {
			time.Sleep(time.Millisecond)
			continue
		}
		if n <= 0 {
			s.cl.die(fmt.Sprintf("read: n=%d %v", n, err))
			return
		}
		c.lp.tm = now()
		c.in = append(c.in, buf[:n]...)
		used := d.onData(c, c.in)
		c.in = c.in[:copy(c.in, c.in[used:])]
	}
}

func runSlow(slowS, warmS float64, idx int, sa *syscall.SockaddrInet4, pid int, res m) {
	before := saturate(warmS, slowS/2, pid)
	s := openSlow(idx, sa)
	rd := s.cl.rd
	if !waitFor(10*time.Second, func() bool { return rd.caughtUps > 0 }) {
		res["error"] = "the slow stream was not welcomed"
		return
	}
	from, said := g.seq, g.published.Load()
	with := saturate(warmS, slowS, pid)
	took := s.took.Load()
	// Now it reads at full speed.
	s.fast.Store(true)
	start := now()
	size := (g.published.Load() - said) * int64(g.payload)
	must := size > 8<<20 // more than the server buffers for it: it must have fallen behind
	complete := waitFor(60*time.Second, func() bool {
		if rd.wrong != "" {
			return true
		}
		for by, next := range rd.next {
			if next <= lastOf(by) && g.seq > from {
				return false
			}
		}
		return !must || rd.behinds > 0
	})
	caught := now()
	s.stop.Store(true)
	<-s.done
	after := saturate(warmS, slowS/2, pid)
	num := func(ph m, key string) float64 { return ph[key].(float64) }
	const p99s = "p99_median_us"
	p99 := (num(before, p99s) + num(after, p99s)) / 2
	calm := float64(before["rss_peak_kb"].(int64)+after["rss_peak_kb"].(int64)) / 2
	wrong := ""
	switch {
	case rd.wrong != "":
		wrong = rd.wrong
	case !complete:
		wrong = "it did not get everything, and fell_behind, within a minute"
	}
	if wrong != "" {
		res["error"] = "the slow stream: " + wrong
	}
	res["slow"] = m{
		"before": before, "with": with, "after": after,
		"p99_ratio": r3(num(with, p99s) / p99), "p99_without_us": r1(p99), "p99_with_us": num(with, p99s),
		"per_s_ratio":        r3(2 * num(with, "per_s") / (num(before, "per_s") + num(after, "per_s"))),
		"rss_growth_kb":      r1(float64(with["rss_peak_kb"].(int64)) - calm),
		"took_bytes":         took,
		"events":             rd.count,
		"fell_behind":        rd.behinds,
		"caught_up_s":        r3(float64(caught-start) / 1e9),
		"generator_is_limit": with["generator_is_limit"],
	}
	s.cl.c.quit()
}

// lastOf returns the number of a publisher's last message.
func lastOf(by int) uint64 {
	p := uint64(len(g.pubs))
	last := g.seq - 1
	return last - (last+p-uint64(by))%p
}
