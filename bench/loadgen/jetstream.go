package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"
)

// JetStream: one stream on disk has all messages. The room has a push consumer, whose messages go to all
// clients; each user has a push consumer of its own. A user sends the next direct message when the last one
// is acknowledged; room messages are sent without waiting, up to the window.
type jsDrv struct{ room string }

const (
	jsStream = "CHAT"
	jsHello  = `CONNECT {"verbose":false,"pedantic":false,"echo":true,"lang":"go","version":"1","protocol":1}` + "\r\n"
	sidRoom  = "1"
	sidUser  = "2"
	sidReply = "3"
)

// jsClient guards nothing itself: the connection's mu does.
type jsClient struct {
	waiting bool     // a direct message is not acknowledged yet
	next    [][]byte // those that wait for it
}

// newJetStream creates the stream, and the room's consumer.
func newJetStream(addr, room string) (*jsDrv, error) {
	d := &jsDrv{room: room}
	conn, err := net.DialTimeout("tcp4", addr, 10*time.Second)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(10 * time.Second))
	rd := bufio.NewReader(conn)
	fmt.Fprintf(conn, "%sSUB setup 1\r\n", jsHello)
	stream := m{"name": jsStream, "subjects": []string{"c.>"}, "storage": "file", "retention": "limits", "num_replicas": 1, "max_consumers": 20000}
	if err := request(conn, rd, "$JS.API.STREAM.CREATE."+jsStream, stream); err != nil {
		return nil, err
	}
	subject, body := d.consumer("room", "room."+room)
	return d, request(conn, rd, subject, body)
}

// consumer returns the request that creates a push consumer of new messages, without acknowledgements.
func (d *jsDrv) consumer(name, of string) (subject string, body m) {
	config := m{"name": name, "deliver_subject": "d." + of, "filter_subject": "c." + of, "deliver_policy": "new",
		"ack_policy": "none", "replay_policy": "instant", "mem_storage": true, "inactive_threshold": int64(time.Hour)}
	return fmt.Sprintf("$JS.API.CONSUMER.CREATE.%s.%s.c.%s", jsStream, name, of), m{"stream_name": jsStream, "config": config, "action": "create"}
}

// request makes one call of the API of JetStream on a connection that subscribes to "setup".
func request(conn net.Conn, rd *bufio.Reader, subject string, body any) error {
	b, _ := json.Marshal(body)
	fmt.Fprintf(conn, "PUB %s setup %d\r\n%s\r\n", subject, len(b), b)
	for {
		l, err := rd.ReadString('\n')
		if err != nil {
			return fmt.Errorf("%s: %w", subject, err)
		}
		switch {
		case strings.HasPrefix(l, "PING"):
			fmt.Fprint(conn, "PONG\r\n")
		case strings.HasPrefix(l, "-ERR"):
			return fmt.Errorf("%s: %s", subject, l)
		case strings.HasPrefix(l, "MSG"):
			answer, err := rd.ReadString('\n')
			if err == nil && strings.Contains(answer, `"error":`) {
				err = fmt.Errorf("%s: %s", subject, answer)
			}
			return err
		}
	}
}

func (d *jsDrv) perConn() int { return 1 }
func (d *jsDrv) echo() bool   { return true }

func (d *jsDrv) onConnect(c *conn) {
	cl := c.cls[0]
	cl.st = &jsClient{}
	subject, body := d.consumer(fmt.Sprint("u", cl.idx), fmt.Sprint("u.", cl.idx))
	b, _ := json.Marshal(body)
	c.write(fmt.Appendf(nil, "%sSUB d.room.%s %s\r\nSUB d.u.%d %s\r\nSUB a.%d.* %s\r\nPUB %s a.%d.consumer %d\r\n%s\r\n",
		jsHello, d.room, sidRoom, cl.idx, sidUser, cl.idx, sidReply, subject, cl.idx, len(b), b))
}

func (d *jsDrv) onData(c *conn, b []byte) (used int) {
	cl := c.cls[0]
	for {
		e := lineEnd(b[used:])
		if e < 0 {
			return
		}
		l := bytes.TrimSuffix(b[used:used+e], []byte("\r"))
		if !bytes.HasPrefix(l, []byte("MSG ")) {
			used += e + 1
			switch {
			case bytes.HasPrefix(l, []byte("PING")):
				c.write([]byte("PONG\r\n"))
			case bytes.HasPrefix(l, []byte("-ERR")):
				cl.die(string(l))
			}
			continue
		}
		// MSG subject sid [reply] size
		words := bytes.Fields(l)
		n, _ := strconv.Atoi(string(words[len(words)-1]))
		at := used + e + 1
		if len(b)-at < n+2 {
			return
		}
		if string(words[2]) == sidReply {
			d.reply(cl, words[1], b[at:at+n])
		} else {
			c.lp.got(cl, b[at:at+n])
		}
		used = at + n + 2
	}
}

// reply takes the acknowledgement of a message, or the answer about the consumer.
func (d *jsDrv) reply(cl *client, subject, body []byte) {
	if bytes.Contains(body, []byte(`"error":`)) {
		cl.die(string(body))
		return
	}
	switch subject[bytes.LastIndexByte(subject, '.')+1] {
	case 'c':
		cl.markReady()
	case 'd':
		cl.c.mu.Lock()
		defer cl.c.mu.Unlock()
		st := cl.st.(*jsClient)
		if st.waiting = len(st.next) > 0; st.waiting {
			cl.c.writeLocked(st.next[0])
			st.next = st.next[1:]
		}
	}
}

// message encodes a publication, whose acknowledgement comes on a subject that ends with kind.
func (d *jsDrv) message(b []byte, cl *client, subject, kind string, p []byte) []byte {
	b = append(append(append(b, "PUB c."...), subject...), " a."...)
	b = append(strconv.AppendInt(b, int64(cl.idx), 10), '.')
	b = append(append(b, kind...), ' ')
	b = append(strconv.AppendInt(b, int64(len(p)), 10), '\r', '\n')
	return append(append(b, p...), '\r', '\n')
}

func (d *jsDrv) publish(cl *client, p []byte) {
	var t [1024]byte
	cl.c.write(d.message(t[:0], cl, "room."+d.room, "room", p))
}

func (d *jsDrv) dm(cl *client, to int, p []byte) {
	b := d.message(nil, cl, "u."+strconv.Itoa(to), "direct", p)
	cl.c.mu.Lock()
	defer cl.c.mu.Unlock()
	st := cl.st.(*jsClient)
	if st.waiting {
		st.next = append(st.next, b)
		return
	}
	st.waiting = true
	cl.c.writeLocked(b)
}
