package main

import (
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
)

// A tiny template language for protobuf requests:
//
//	1:"{payload}"  2:{3:"{room}" 4:7}  5:$seq  6:x"0aff"
//
// field number, colon, then: a string (length-delimited; {payload} {user} {to} {room} {seq} {i}
// replaced), a braces block (sub-message), an integer (varint), $seq / $ms / $ns / $i (varint),
// or x"hex" (bytes).
type tnode struct {
	num   uint64
	kind  byte // 's' string, 'm' message, 'i' int, 'v' var
	parts []string
	ival  uint64
	sub   []tnode
}

type tvars struct {
	payload  []byte
	user, to string
	room     string
	seq      uint64
	i        int
}

func parseTmpl(s string) ([]tnode, error) {
	p := &tparser{s: s}
	n, err := p.fields(false)
	return n, err
}

type tparser struct {
	s string
	i int
}

func (p *tparser) ws() {
	for p.i < len(p.s) && strings.IndexByte(" \t\n,;", p.s[p.i]) >= 0 {
		p.i++
	}
}

func (p *tparser) fields(inner bool) (out []tnode, err error) {
	for {
		p.ws()
		if p.i >= len(p.s) {
			if inner {
				return nil, fmt.Errorf("unclosed { in template")
			}
			return
		}
		if p.s[p.i] == '}' {
			if !inner {
				return nil, fmt.Errorf("stray } in template")
			}
			p.i++
			return
		}
		j := p.i
		for j < len(p.s) && p.s[j] >= '0' && p.s[j] <= '9' {
			j++
		}
		if j == p.i || j >= len(p.s) || p.s[j] != ':' {
			return nil, fmt.Errorf("template: want N: at %q", p.s[p.i:])
		}
		num, _ := strconv.ParseUint(p.s[p.i:j], 10, 32)
		p.i = j + 1
		p.ws()
		if p.i >= len(p.s) {
			return nil, fmt.Errorf("template: value missing")
		}
		n := tnode{num: num}
		switch c := p.s[p.i]; {
		case c == '"' || (c == 'x' && p.i+1 < len(p.s) && p.s[p.i+1] == '"'):
			hexv := c == 'x'
			if hexv {
				p.i++
			}
			e := strings.IndexByte(p.s[p.i+1:], '"')
			if e < 0 {
				return nil, fmt.Errorf("template: unclosed string")
			}
			v := p.s[p.i+1 : p.i+1+e]
			p.i += e + 2
			n.kind = 's'
			if hexv {
				var b []byte
				for k := 0; k+1 < len(v); k += 2 {
					x, err := strconv.ParseUint(v[k:k+2], 16, 8)
					if err != nil {
						return nil, err
					}
					b = append(b, byte(x))
				}
				n.parts = []string{string(b)}
			} else {
				n.parts = splitVars(v)
			}
		case c == '{':
			p.i++
			n.kind = 'm'
			if n.sub, err = p.fields(true); err != nil {
				return
			}
		case c == '$':
			j := p.i + 1
			for j < len(p.s) && p.s[j] >= 'a' && p.s[j] <= 'z' {
				j++
			}
			n.kind, n.parts = 'v', []string{p.s[p.i+1 : j]}
			p.i = j
		default:
			j := p.i
			for j < len(p.s) && p.s[j] >= '0' && p.s[j] <= '9' {
				j++
			}
			if j == p.i {
				return nil, fmt.Errorf("template: bad value at %q", p.s[p.i:])
			}
			n.kind = 'i'
			n.ival, _ = strconv.ParseUint(p.s[p.i:j], 10, 64)
			p.i = j
		}
		out = append(out, n)
	}
}

// splitVars: odd elements are variable names.
func splitVars(v string) (out []string) {
	for {
		a := strings.IndexByte(v, '{')
		if a < 0 {
			return append(out, v)
		}
		b := strings.IndexByte(v[a:], '}')
		if b < 0 {
			return append(out, v)
		}
		out = append(out, v[:a], v[a+1:a+b])
		v = v[a+b+1:]
	}
}

// unique makes request ids that are unique in a run.
var unique atomic.Uint64

func appendParts(b []byte, parts []string, v *tvars) []byte {
	for k, s := range parts {
		if k%2 == 0 {
			b = append(b, s...)
			continue
		}
		switch s {
		case "payload":
			b = append(b, v.payload...)
		case "user":
			b = append(b, v.user...)
		case "to":
			b = append(b, v.to...)
		case "room":
			b = append(b, v.room...)
		case "seq":
			b = strconv.AppendUint(b, v.seq, 10)
		case "i":
			b = strconv.AppendInt(b, int64(v.i), 10)
		case "unique":
			b = strconv.AppendUint(b, unique.Add(1), 16)
		}
	}
	return b
}

func appendVarint(b []byte, x uint64) []byte {
	for x >= 0x80 {
		b = append(b, byte(x)|0x80)
		x >>= 7
	}
	return append(b, byte(x))
}

func uvarint(b []byte) (uint64, int) {
	var x uint64
	for i := 0; i < len(b) && i < 10; i++ {
		x |= uint64(b[i]&0x7f) << (7 * uint(i))
		if b[i] < 0x80 {
			return x, i + 1
		}
	}
	return 0, 0
}

func encTmpl(b []byte, ns []tnode, v *tvars) []byte {
	for k := range ns {
		n := &ns[k]
		switch n.kind {
		case 'i', 'v':
			x := n.ival
			if n.kind == 'v' {
				switch n.parts[0] {
				case "seq":
					x = v.seq
				case "i":
					x = uint64(v.i)
				case "ns":
					x = uint64(wallNS())
				case "ms":
					x = uint64(wallNS() / 1e6)
				}
			}
			b = appendVarint(appendVarint(b, n.num<<3), x)
		default:
			b = appendVarint(b, n.num<<3|2)
			at := len(b)
			b = append(b, 0, 0, 0) // space for a length of up to 3 bytes
			if n.kind == 's' {
				b = appendParts(b, n.parts, v)
			} else {
				b = encTmpl(b, n.sub, v)
			}
			l := len(b) - at - 3
			hdr := 1
			if l >= 1<<14 {
				hdr = 3
			} else if l >= 1<<7 {
				hdr = 2
			}
			var tmp [10]byte
			copy(b[at:], appendVarint(tmp[:0], uint64(l)))
			copy(b[at+hdr:], b[at+3:])
			b = b[:at+hdr+l]
		}
	}
	return b
}
