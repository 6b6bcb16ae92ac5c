package main

import (
	"bytes"
	"encoding/binary"
	"flag"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// The mode "calls": one caller makes sequential calls, and streams resume at the head.

type callsOpts struct {
	calls strs
	times *int
}

func callsFlags() *callsOpts {
	o := &callsOpts{times: flag.Int("times", 200, "calls: how often each is made")}
	flag.Var(&o.calls, "call", "calls: NAME COUNT METHOD TEMPLATE: a unary method, its request, and how many first fields the answer has (repeatable)")
	return o
}

// caller is a client for HTTP/2 without TLS.
func caller() *http.Client {
	var p http.Protocols
	p.SetUnencryptedHTTP2(true)
	return &http.Client{Transport: &http.Transport{Protocols: &p}}
}

func post(c *http.Client, addr, method, token string, body io.Reader) (*http.Response, error) {
	req, err := http.NewRequest("POST", "http://"+addr+method, body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("content-type", "application/grpc")
	req.Header.Set("te", "trailers")
	if token != "" {
		req.Header.Set("authorization", "Bearer "+token)
	}
	return c.Do(req)
}

// grpcError returns the status of a call as an error, nil for OK.
func grpcError(resp *http.Response) error {
	for _, h := range []http.Header{resp.Trailer, resp.Header} {
		if s := h.Get("grpc-status"); s != "" {
			if s == "0" {
				return nil
			}
			return fmt.Errorf("grpc-status %s %s", s, h.Get("grpc-message"))
		}
	}
	return fmt.Errorf("http status %s without grpc-status", resp.Status)
}

// unary makes one call and returns the number of first fields (results) in the answer.
func unary(c *http.Client, addr, method, token string, msg []byte) (int, error) {
	resp, err := post(c, addr, method, token, bytes.NewReader(msg))
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, err
	}
	if err := grpcError(resp); err != nil {
		return 0, err
	}
	if len(b) < 5 {
		return 0, fmt.Errorf("no answer")
	}
	n := 0
	fields(b[5:], func(num, _ uint64, _ []byte) {
		if num == 1 {
			n++
		}
	})
	return n, nil
}

// resumeOnce opens a connection and a stream and reads up to caught_up.
func resumeOnce(addr, method string, first []byte) error {
	c := caller()
	defer c.CloseIdleConnections()
	r, w := io.Pipe()
	defer w.Close()
	go w.Write(first)
	resp, err := post(c, addr, method, "", r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	for rd := (&reader{}); rd.caughtUps == 0; {
		var h [5]byte
		if _, err := io.ReadFull(resp.Body, h[:]); err != nil {
			return err
		}
		msg := make([]byte, binary.BigEndian.Uint32(h[1:]))
		if _, err := io.ReadFull(resp.Body, msg); err != nil {
			return err
		}
		rd.take(&loop{}, msg)
		if rd.wrong != "" || rd.count > 0 {
			return fmt.Errorf("at the head there is nothing to read: %s", rd.wrong)
		}
	}
	return nil
}

func runCalls(o *callsOpts, rf *resumeOpts, gf *grpcOpts, addr string, res m) {
	token := string(appendParts(nil, splitVars(*rf.token), &tvars{}))
	out := m{}
	res["calls"] = out
	measure := func(name string, once func() error) bool {
		h := &hist{}
		for i := 0; i <= *o.times; i++ {
			t := now()
			if err := once(); err != nil {
				res["error"] = fmt.Sprintf("%s: %v", name, err)
				return false
			}
			if i > 0 { // the first one opens files and fills caches
				h.add(now() - t)
			} else {
				out[name+"_first_us"] = r1(float64(now()-t) / 1000)
			}
		}
		out[name] = quant(h)
		return true
	}
	c := caller()
	for _, call := range o.calls {
		w := strings.SplitN(call, " ", 4)
		want, err := strconv.Atoi(w[1])
		if err != nil || len(w) < 4 {
			fatal("call %q", call)
		}
		ns, err := parseTmpl(w[3])
		if err != nil {
			fatal("%v", err)
		}
		msg := grpcMsg(nil, ns, &tvars{})
		if !measure(w[0], func() error {
			n, err := unary(c, addr, w[2], token, msg)
			if err == nil && n != want {
				err = fmt.Errorf("%d results instead of %d", n, want)
			}
			return err
		}) {
			return
		}
	}
	first := hello("", token, *rf.logID, uint64(*rf.after))
	measure("connect", func() error { return resumeOnce(addr, *gf.method, first) })
}
