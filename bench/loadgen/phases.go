package main

import (
	"slices"
	"time"
)

// saturate keeps the window of messages in flight full for a number of seconds.
func saturate(warmS, satS float64, pid int) m {
	var stalls, lostMsgs int64
	stop := make(chan bool)
	go func() { // a lost message must not stall the window forever
		last, lastT := int64(-1), time.Now()
		for {
			select {
			case <-stop:
				return
			case <-time.After(50 * time.Millisecond):
			}
			if v := g.delivered.Load(); v != last {
				last, lastT = v, time.Now()
			} else if time.Since(lastT) > 1500*time.Millisecond {
				lastT = time.Now()
				stalls++
				lostMsgs += g.published.Load() - g.completed.Load()
				g.completed.Store(g.published.Load())
			}
		}
	}()
	g.mode.Store(1)
	time.Sleep(time.Duration(warmS * 1e9))
	resetHists()
	g.rec.Store(true)
	a := takeSnap(pid)
	peak := a.srv.rssKB
	lat := func() *hist { return mergeHist(func(l *loop) *hist { return &l.lat }) }
	var windows []float64 // the p99 of each second, so that one bad second does not affect the others
	before, at := &hist{}, time.Now()
	for end := at.Add(time.Duration(satS * 1e9)); time.Now().Before(end); {
		time.Sleep(min(100*time.Millisecond, time.Until(end)))
		peak = max(peak, serverUse(pid, false).rssKB)
		if time.Since(at) >= time.Second || (len(windows) == 0 && !time.Now().Before(end)) {
			now := lat()
			windows = append(windows, now.since(before).q(.99))
			before, at = now, time.Now()
		}
	}
	slices.Sort(windows)
	b := takeSnap(pid)
	g.rec.Store(false)
	g.mode.Store(0)
	close(stop)
	lost := drain(15 * time.Second)
	ph := phase(a, b, b.deliv-a.deliv)
	for k, v := range quant(lat()) {
		ph[k] = v
	}
	ph["p99_median_us"] = r1(windows[len(windows)/2])
	ph["msgs_per_s"] = r1(float64(b.compl-a.compl) / (float64(b.t-a.t) / 1e9))
	ph["incomplete_msgs"] = lost + lostMsgs
	ph["stalls"] = stalls
	ph["rss_peak_kb"] = peak
	return ph
}
