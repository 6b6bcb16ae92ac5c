// loadgen is an epoll load generator for several chat and fan-out protocols. See ../README.md.
package main

import (
	"crypto/tls"
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"os"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// Payload: printable, so that text protocols carry it too.
//
//	0..3 "PB1." | 4 kind M/D/R/P | 5..20 send time (hex ns) | 21..28 pair (hex) | 29..36 seq (hex) | 'x'...
const (
	magic   = "PB1."
	hdrLen  = 37
	ringLen = 1 << 16
)

type gen struct {
	d       driver
	loops   []*loop
	cls     []*client
	pubs    []*client
	ready   int64
	dead    int64
	probed  int64
	ending  atomic.Bool
	rec     atomic.Bool // record latencies
	payload int

	// room messages
	mode      atomic.Int32 // 0 idle, 1 closed loop, 2 closed-loop direct messages
	window    int64
	expect    atomic.Int64
	seq       uint64 // under pubMu
	pubMu     sync.Mutex
	published atomic.Int64
	completed atomic.Int64
	delivered atomic.Int64
	dups      atomic.Int64
	disorder  atomic.Int64
	ring      [ringLen]atomic.Int32

	// direct messages
	dmDeliv  atomic.Int64
	dmRT     atomic.Int64
	dmLoop   atomic.Bool // reply-driven next ping
	pairs    int
	pairBusy []int32
	debug    bool
}

var g gen

const hexd = "0123456789abcdef"

func putHex(b []byte, v uint64) {
	for i := len(b) - 1; i >= 0; i-- {
		b[i] = hexd[v&15]
		v >>= 4
	}
}

var unhex [256]byte

func init() {
	for i := 0; i < 16; i++ {
		unhex[hexd[i]] = byte(i)
	}
}

func getHex(b []byte) (v uint64) {
	for _, c := range b {
		v = v<<4 | uint64(unhex[c])
	}
	return
}

func mkPayload(b []byte, kind byte, ts int64, pair int, seq uint64) []byte {
	b = b[:g.payload]
	copy(b, magic)
	b[4] = kind
	putHex(b[5:21], uint64(ts))
	putHex(b[21:29], uint64(pair))
	putHex(b[29:37], seq)
	for i := hdrLen; i < len(b); i++ {
		b[i] = 'x'
	}
	return b
}

// got handles one payload received by cl.
func (lp *loop) got(cl *client, p []byte) {
	if len(p) < hdrLen || string(p[:4]) != magic {
		return
	}
	switch p[4] {
	case 'M':
		g.delivered.Add(1)
		if g.rec.Load() {
			lp.lat.add(lp.tm - int64(getHex(p[5:21])))
		}
		seq := getHex(p[29:37])
		// The numbers of each publisher rise: if the count of all deliveries is exact,
		// each message was received once and in order.
		if by := seq % uint64(len(g.pubs)); cl.last[by] > seq {
			g.disorder.Add(1)
		} else {
			cl.last[by] = seq + 1
		}
		n := int64(g.ring[seq&(ringLen-1)].Add(1))
		if e := g.expect.Load(); n == e {
			g.completed.Add(1)
		} else if n > e {
			g.dups.Add(1)
		}
	case 'D':
		g.dmDeliv.Add(1)
		if g.rec.Load() {
			lp.dmlat.add(lp.tm - int64(getHex(p[5:21])))
		}
		pair := int(getHex(p[21:29]))
		q := append(lp.scratch[:0], p...)
		q[4] = 'R'
		g.d.dm(cl, g.pairA(pair).idx, q)
	case 'R':
		g.dmDeliv.Add(1)
		g.dmRT.Add(1)
		if g.rec.Load() {
			lp.rtt.add(lp.tm - int64(getHex(p[5:21])))
		}
		pair := int(getHex(p[21:29]))
		if g.dmLoop.Load() {
			g.ping(pair, lp.scratch)
		} else if pair < len(g.pairBusy) {
			atomic.StoreInt32(&g.pairBusy[pair], 0)
		}
	case 'P':
		if !cl.probed {
			cl.probed = true
			atomic.AddInt64(&g.probed, 1)
		}
	}
}

func (g *gen) pairA(k int) *client { return g.cls[2*k] }
func (g *gen) pairB(k int) *client { return g.cls[2*k+1] }

func (g *gen) ping(k int, buf []byte) {
	a := g.pairA(k)
	a.seq++
	g.d.dm(a, g.pairB(k).idx, mkPayload(buf[:0], 'D', now(), k, a.seq))
}

// pub sends one room message.
func (g *gen) pub(buf []byte, kind byte) {
	g.pubMu.Lock()
	seq := g.seq
	g.seq++
	g.pubMu.Unlock()
	g.ring[seq&(ringLen-1)].Store(0)
	g.published.Add(1)
	g.d.publish(g.pubs[int(seq)%len(g.pubs)], mkPayload(buf[:0], kind, now(), 0, seq))
}

// pump keeps the closed loop full; called by an event loop after each batch.
func (g *gen) pump(lp *loop) {
	if g.mode.Load() != 1 || lp != g.loops[0] {
		return
	}
	for g.published.Load()-g.completed.Load() < g.window {
		g.pub(lp.scratch, 'M')
	}
}

func waitFor(d time.Duration, f func() bool) bool {
	end := time.Now().Add(d)
	for !f() {
		if time.Now().After(end) {
			return false
		}
		time.Sleep(500 * time.Microsecond)
	}
	return true
}

type snap struct {
	t              int64
	srv            procUse
	self           procUse
	busy, total    float64
	deliv, pub     int64
	compl          int64
	dm, rt         int64
	reads, rdBytes uint64
	frames         uint64
}

func takeSnap(pid int) (s snap) {
	s.srv = serverUse(pid, false)
	var ru syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &ru)
	s.self.cpuUS = float64(ru.Utime.Sec+ru.Stime.Sec)*1e6 + float64(ru.Utime.Usec+ru.Stime.Usec)
	s.busy, s.total = machineUse()
	s.deliv, s.pub, s.compl = g.delivered.Load(), g.published.Load(), g.completed.Load()
	s.dm, s.rt = g.dmDeliv.Load(), g.dmRT.Load()
	for _, lp := range g.loops {
		s.reads += lp.reads
		s.rdBytes += lp.rdBytes
		s.frames += lp.frames
	}
	s.t = now()
	return
}

func mergeHist(pick func(*loop) *hist) *hist {
	h := &hist{}
	for _, lp := range g.loops {
		h.merge(pick(lp))
	}
	return h
}

func resetHists() {
	for _, lp := range g.loops {
		lp.lat.reset()
		lp.dmlat.reset()
		lp.rtt.reset()
	}
}

type m map[string]any

func r1(x float64) float64 { return float64(int64(x*10+0.5)) / 10 }
func r3(x float64) float64 { return float64(int64(x*1000+0.5)) / 1000 }

func quant(h *hist) m {
	return m{"n": h.n, "p50_us": r1(h.q(.5)), "p90_us": r1(h.q(.9)), "p99_us": r1(h.q(.99)), "p999_us": r1(h.q(.999)), "max_us": r1(float64(h.max) / 1000)}
}

func phase(a, b snap, units int64) m {
	sec := float64(b.t-a.t) / 1e9
	u := float64(units)
	if u == 0 {
		u = 1
	}
	srv, self := b.srv.cpuUS-a.srv.cpuUS, b.self.cpuUS-a.self.cpuUS
	return m{
		"secs":               r3(sec),
		"units":              units,
		"per_s":              r1(float64(units) / sec),
		"server_cpu_us_per":  r3(srv / u),
		"loadgen_cpu_us_per": r3(self / u),
		"server_cores":       r3(srv / 1e6 / sec),
		"loadgen_cores":      r3(self / 1e6 / sec),
		"other_cores":        r3(((b.busy - a.busy) - srv - self) / 1e6 / sec),
		"events_a_frame":     r3(u / max(1, float64(b.frames-a.frames))),
		"generator_is_limit": self/1e6/sec > 0.9,
		"reads_per":          r3(float64(b.reads-a.reads) / u),
		"bytes_per":          r1(float64(b.rdBytes-a.rdBytes) / u),
	}
}

func drain(d time.Duration) (lost int64) {
	last, lastT := g.delivered.Load(), time.Now()
	end := time.Now().Add(d)
	for g.completed.Load() < g.published.Load() && time.Now().Before(end) {
		time.Sleep(2 * time.Millisecond)
		if v := g.delivered.Load(); v != last {
			last, lastT = v, time.Now()
		} else if time.Since(lastT) > 1500*time.Millisecond {
			break
		}
	}
	return g.published.Load() - g.completed.Load()
}

func main() {
	var (
		drv     = flag.String("driver", "grpc", "grpc | grpc-web | socketio | centrifugo | nats | jetstream")
		addr    = flag.String("addr", "127.0.0.1:0", "server address (IPv4 loopback)")
		n       = flag.Int("n", 10, "receivers (logical clients)")
		p       = flag.Int("p", 1, "publishers: the first p clients")
		size    = flag.Int("size", 128, "payload bytes (at least 37)")
		window  = flag.Int("window", 64, "room messages in flight at saturation (each complete when every receiver has it)")
		rate    = flag.Float64("rate", 20, "offered room messages/s in the latency phase")
		latS    = flag.Float64("lat-s", 4, "seconds of the latency phase, 0 to skip")
		satS    = flag.Float64("sat-s", 4, "seconds of the saturation phase, 0 to skip")
		warmS   = flag.Float64("warm-s", 1, "warm-up seconds before each")
		dmRate  = flag.Float64("dm-rate", 200, "paced pings/s in the direct-message latency phase")
		dmLatS  = flag.Float64("dm-lat-s", 2, "seconds of it, 0 to skip")
		dmPairs = flag.Int("dm-pairs", 100, "pairs in the direct-message phases (2 clients each)")
		dmSatS  = flag.Float64("dm-sat-s", 2, "seconds of the direct-message saturation phase, 0 to skip")
		dmInfl  = flag.Int("dm-inflight", 1, "pings in flight per pair at saturation")
		concur  = flag.Int("connect-concurrency", 64, "connections being set up at once")
		cRate   = flag.Float64("connect-rate", 0, "at most this many connects a second, 0 for no limit")
		connT   = flag.Float64("connect-timeout-s", 60, "seconds for all to be ready")
		threads = flag.Int("threads", 1, "event-loop threads")
		pid     = flag.Int("server-pid", 0, "root of the server's process tree, for CPU and RSS")
		idleS   = flag.Float64("idle-s", 1, "seconds to sit idle before reading the RSS")
		stalled = flag.Int("stalled", 0, "further clients that join and then read nothing")
		room    = flag.String("room", "bench", "room name")
		echoF   = flag.String("echo", "", "override: does a publisher get its own message (true|false)")
		slowS   = flag.Float64("slow-s", 0, "seconds at saturation beside a stream that takes 1 kB/s; half of it without, before and after")
		ca      = flag.String("tls-ca", "", "connect by TLS; the PEM file of the authority to trust (grpc, mode fan-out)")
		dbg     = flag.Bool("debug", false, "print protocol errors and first frames")
	)
	mode := flag.String("mode", "fan-out", "fan-out | resume | calls | fair")
	gf, rf, cf, ff := grpcFlags(), resumeFlags(), callsFlags(), fairFlags()
	flag.Parse()
	debug.SetGCPercent(400)
	var rl syscall.Rlimit
	syscall.Getrlimit(syscall.RLIMIT_NOFILE, &rl)
	rl.Cur = rl.Max
	syscall.Setrlimit(syscall.RLIMIT_NOFILE, &rl)
	if *mode != "fan-out" {
		*threads = 2 // a separate thread reads the streams that are measured beside the load
	}
	runtime.GOMAXPROCS(*threads + 2)

	h, pt, err := net.SplitHostPort(*addr)
	if err != nil {
		fatal("%v", err)
	}
	ip := net.ParseIP(h).To4()
	if ip == nil || !ip.IsLoopback() {
		fatal("only IPv4 loopback addresses: %s", *addr)
	}
	var port int
	fmt.Sscan(pt, &port)
	sa := &syscall.SockaddrInet4{Port: port}
	copy(sa.Addr[:], ip)

	if *size < hdrLen {
		fatal("size under %d", hdrLen)
	}
	g.payload, g.debug = *size, *dbg
	g.window = int64(*window)
	var secure *tls.Config
	scheme := "http"
	if *ca != "" {
		if *drv != "grpc" || *mode != "fan-out" || *slowS > 0 {
			fatal("-tls-ca needs the driver grpc and the mode fan-out, without -slow-s")
		}
		if secure, err = clientTLS(*ca, h); err != nil {
			fatal("%v", err)
		}
		scheme = "https"
	}
	switch *drv {
	case "grpc":
		g.d = gf.make(*addr, *room, scheme)
	case "jetstream":
		if g.d, err = newJetStream(*addr, *room); err != nil {
			fatal("%v", err)
		}
	case "grpc-web":
		g.d = &wsDrv{*addr, chatWS{gf.make(*addr, *room, scheme)}}
	case "socketio":
		g.d = &wsDrv{*addr, socketIO{}}
	case "centrifugo":
		g.d = &wsDrv{*addr, centrifugo{*room}}
	case "nats":
		g.d = &natsDrv{room: *room}
	default:
		fatal("unknown driver %q", *drv)
	}
	total := *n + *stalled
	if *p > total {
		*p = total
	}
	for i := 0; i < *threads; i++ {
		g.loops = append(g.loops, newLoop())
	}
	res := m{"driver": *drv, "n": *n, "stalled": *stalled, "p": *p, "size": *size, "window": *window, "per_conn": g.d.perConn()}
	out := func() {
		g.ending.Store(true)
		res["dead"] = atomic.LoadInt64(&g.dead)
		res["dups"] = g.dups.Load()
		res["disorder"] = g.disorder.Load()
		b, _ := json.Marshal(res)
		fmt.Println(string(b))
	}
	if *mode == "calls" {
		runCalls(cf, rf, gf, *addr, res)
		out()
		return
	}
	if *mode == "fair" {
		runFair(ff, *addr, *pid, res)
		out()
		return
	}
	if *mode == "resume" {
		for _, lp := range g.loops {
			go lp.run()
		}
		runResume(rf, *n, sa, *pid, res)
		out()
		return
	}

	before := serverUse(*pid, true)

	// connect
	for i := 0; i < total; i++ {
		g.cls = append(g.cls, &client{idx: i, k: i % g.d.perConn()})
	}
	var conns []*conn
	for i := 0; i < total; i += g.d.perConn() {
		c := &conn{id: len(conns), lp: g.loops[len(conns)%len(g.loops)]}
		for k := i; k < i+g.d.perConn() && k < total; k++ {
			g.cls[k].c = c
			c.cls = append(c.cls, g.cls[k])
		}
		conns = append(conns, c)
	}
	for _, lp := range g.loops {
		go lp.run()
	}
	cpu0 := takeSnap(*pid)
	started := int64(0)
	deadline := time.Now().Add(time.Duration(*connT * 1e9))
	for _, c := range conns {
		for started-atomic.LoadInt64(&g.ready)-atomic.LoadInt64(&g.dead) >= int64(*concur*g.d.perConn()) {
			if time.Now().After(deadline) {
				break
			}
			time.Sleep(20 * time.Microsecond)
		}
		if time.Now().After(deadline) {
			break
		}
		if *cRate > 0 {
			time.Sleep(time.Until(t0.Add(time.Duration(cpu0.t) + time.Duration(float64(started)/(*cRate)*1e9))))
		}
		fd, err := dial(sa)
		if err != nil {
			fatal("connect: %v", err)
		}
		c.fd, c.up = fd, true
		started += int64(len(c.cls))
		if secure != nil {
			go c.begin(secure)
		} else {
			c.begin(nil)
		}
	}
	ok := waitFor(time.Until(deadline), func() bool {
		return atomic.LoadInt64(&g.ready)+atomic.LoadInt64(&g.dead) >= int64(total)
	})
	cpu1 := takeSnap(*pid)
	cs := float64(cpu1.t-cpu0.t) / 1e9
	nready := atomic.LoadInt64(&g.ready)
	res["connect"] = m{"ready": nready, "secs": r3(cs), "per_s": r1(float64(nready) / cs),
		"server_cpu_us_per": r1((cpu1.srv.cpuUS - cpu0.srv.cpuUS) / float64(max(nready, 1))), "dead": atomic.LoadInt64(&g.dead)}
	if !ok || g.dead > 0 {
		res["error"] = fmt.Sprintf("only %d of %d ready, %d dead", nready, total, g.dead)
		out()
		os.Exit(2)
	}
	exp := int64(*n)
	echo := g.d.echo()
	if *echoF != "" {
		echo = *echoF == "true"
	}
	if !echo {
		exp--
	}
	g.expect.Store(exp)
	g.pubs = g.cls[:*p]
	for _, cl := range g.cls {
		cl.last = make([]uint64, *p)
	}
	buf := make([]byte, 0, *size+64)

	// wait for the joins; then send probes until every receiver has one, so all are in the room
	quiet := func(d time.Duration) {
		end := time.Now().Add(d)
		var last uint64
		calm := time.Now()
		for time.Now().Before(end) {
			var v uint64
			for _, lp := range g.loops {
				v += lp.rdBytes
			}
			if v != last {
				last, calm = v, time.Now()
			} else if time.Since(calm) > 300*time.Millisecond {
				return
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
	tq := now()
	quiet(30 * time.Second)
	res["join_settle_s"] = r3(float64(now()-tq)/1e9 - 0.3)
	time.Sleep(time.Duration(*idleS * 1e9))
	idle := serverUse(*pid, true)
	res["rss"] = m{"before_kb": before.rssKB, "idle_kb": idle.rssKB, "procs": idle.n,
		"per_client_kb": r1(float64(idle.rssKB-before.rssKB) / float64(total))}
	for _, cl := range g.cls[*n:] {
		syscall.EpollCtl(cl.c.lp.ep, syscall.EPOLL_CTL_DEL, cl.c.fd, nil)
	}
	need := int64(*n)
	if !echo && len(g.pubs) == 1 {
		need--
	}
	tries := 0
	ok = false
	for ; tries < 20 && !ok; tries++ {
		// two publishers, so that all clients are reached without an echo
		g.pub(buf, 'P')
		g.pub(buf, 'P')
		ok = waitFor(500*time.Millisecond, func() bool { return atomic.LoadInt64(&g.probed) >= need })
	}
	res["probe"] = m{"got": atomic.LoadInt64(&g.probed), "need": need, "tries": tries}
	if !ok {
		res["error"] = fmt.Sprintf("probe: %d of %d", g.probed, need)
		out()
		os.Exit(2)
	}
	g.published.Store(0)
	g.completed.Store(0)
	time.Sleep(100 * time.Millisecond)

	// fixed offered load
	if *latS > 0 {
		gap := time.Duration(1e9 / *rate)
		run := func(d float64) (late int64) {
			start := time.Now()
			end := start.Add(time.Duration(d * 1e9))
			for k := 0; ; k++ {
				at := start.Add(time.Duration(k) * gap)
				if at.After(end) {
					return
				}
				time.Sleep(time.Until(at))
				if l := int64(time.Since(at)); l > late {
					late = l
				}
				g.pub(buf, 'M')
			}
		}
		run(*warmS)
		drain(2 * time.Second)
		resetHists()
		g.rec.Store(true)
		a := takeSnap(*pid)
		late := run(*latS)
		mid := takeSnap(*pid)
		lost := drain(10 * time.Second)
		b := takeSnap(*pid)
		g.rec.Store(false)
		ph := phase(a, b, b.deliv-a.deliv)
		for k, v := range quant(mergeHist(func(l *loop) *hist { return &l.lat })) {
			ph[k] = v
		}
		ph["offered_per_s"] = r1(*rate * float64(exp))
		ph["per_s"] = r1(float64(mid.deliv-a.deliv) / (float64(mid.t-a.t) / 1e9))
		ph["incomplete_msgs"] = lost
		ph["sender_late_max_us"] = r1(float64(late) / 1000)
		res["lat"] = ph
		g.published.Store(0)
		g.completed.Store(0)
	}

	// closed loop
	if *satS > 0 {
		res["sat"] = saturate(*warmS, *satS, *pid)
	}
	if *slowS > 0 {
		runSlow(*slowS, *warmS, total, sa, *pid, res)
	}

	// direct messages
	g.pairs = min(*dmPairs, *n/2)
	if *dmLatS > 0 && g.pairs > 0 {
		g.pairBusy = make([]int32, g.pairs)
		gap := time.Duration(1e9 / *dmRate)
		skipped := 0
		run := func(d float64) {
			start := time.Now()
			end := start.Add(time.Duration(d * 1e9))
			for k := 0; ; k++ {
				at := start.Add(time.Duration(k) * gap)
				if at.After(end) {
					return
				}
				time.Sleep(time.Until(at))
				pr := k % g.pairs
				if !atomic.CompareAndSwapInt32(&g.pairBusy[pr], 0, 1) {
					skipped++
					continue
				}
				g.ping(pr, buf)
			}
		}
		run(min(*warmS, 0.5))
		time.Sleep(100 * time.Millisecond)
		resetHists()
		g.rec.Store(true)
		a := takeSnap(*pid)
		run(*dmLatS)
		time.Sleep(200 * time.Millisecond)
		b := takeSnap(*pid)
		g.rec.Store(false)
		ph := phase(a, b, b.dm-a.dm)
		ph["rtt"] = quant(mergeHist(func(l *loop) *hist { return &l.rtt }))
		ph["oneway"] = quant(mergeHist(func(l *loop) *hist { return &l.dmlat }))
		ph["skipped_busy"] = skipped
		res["dmlat"] = ph
	}
	if *dmSatS > 0 && g.pairs > 0 {
		g.dmLoop.Store(true)
		for j := 0; j < *dmInfl; j++ {
			for k := 0; k < g.pairs; k++ {
				g.ping(k, buf)
			}
		}
		time.Sleep(time.Duration(min(*warmS, 0.5) * 1e9))
		resetHists()
		g.rec.Store(true)
		a := takeSnap(*pid)
		time.Sleep(time.Duration(*dmSatS * 1e9))
		b := takeSnap(*pid)
		g.rec.Store(false)
		g.dmLoop.Store(false)
		ph := phase(a, b, b.dm-a.dm)
		ph["pairs"] = g.pairs
		ph["rtt"] = quant(mergeHist(func(l *loop) *hist { return &l.rtt }))
		res["dmsat"] = ph
		time.Sleep(200 * time.Millisecond)
	}
	after := serverUse(*pid, true)
	if r, ok := res["rss"].(m); ok {
		r["after_kb"] = after.rssKB
	}
	out()
	for _, c := range conns {
		if c.up && !c.closed {
			// a plain close: the server gets EOF
			syscall.Close(c.fd)
		}
	}
}
