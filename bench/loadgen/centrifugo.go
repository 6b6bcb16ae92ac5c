package main

import "strconv"

// centrifugo is the protocol of Centrifugo's bidirectional clients, in Protocol Buffers: a frame has
// commands or replies, each with its size before it.
type centrifugo struct{ room string }

const (
	centrifugoOpen = 1 // ids of commands
	centrifugoRoom = 2
	centrifugoUser = 3
	centrifugoSend = 4
)

func (centrifugo) path() string { return "/connection/websocket?format=protobuf" }
func (centrifugo) echo() bool   { return true }

// centrifugoCommand appends a command with its size: its id, and the request in a field.
func centrifugoCommand(b []byte, id, field uint64, request []byte) []byte {
	var tmp [2048]byte
	command := tmp[:0]
	command = pbBytes(pbInt(command, 1, id), field, request)
	return append(appendVarint(b, uint64(len(command))), command...)
}

func centrifugoChannel(i int) string { return "user-" + strconv.Itoa(i) }

func (d centrifugo) opened(c *conn) {
	b := centrifugoCommand(nil, centrifugoOpen, 4, nil)
	b = centrifugoCommand(b, centrifugoRoom, 5, pbBytes(nil, 1, d.room))
	b = centrifugoCommand(b, centrifugoUser, 5, pbBytes(nil, 1, centrifugoChannel(c.cls[0].idx)))
	c.write(wsFrame(nil, wsBinary, b))
}

func (d centrifugo) message(c *conn, msg []byte) {
	for len(msg) > 0 {
		size, n := uvarint(msg)
		if n == 0 || uint64(len(msg)-n) < size {
			c.cls[0].die("a reply is cut off")
			return
		}
		d.reply(c, msg[n:n+int(size)])
		msg = msg[n+int(size):]
	}
}

// reply handles an answer to a command, a publication, or a ping, which is an empty reply.
func (d centrifugo) reply(c *conn, reply []byte) {
	cl := c.cls[0]
	if len(reply) == 0 {
		c.write(wsFrame(nil, wsBinary, []byte{0}))
		return
	}
	var id uint64
	fields(reply, func(num, v uint64, b []byte) {
		switch num {
		case 1:
			id = v
		case 2:
			cl.die("Centrifugo: " + string(b))
		case 4: // push
			fields(b, func(num, _ uint64, b []byte) {
				if num == 4 { // publication
					fields(b, func(num, _ uint64, b []byte) {
						if num == 4 { // data
							c.lp.got(cl, b)
						}
					})
				}
			})
		}
	})
	if id == centrifugoUser {
		cl.markReady()
	}
}

func (d centrifugo) publish(cl *client, payload []byte) { d.send(cl, d.room, payload) }

func (d centrifugo) dm(cl *client, to int, payload []byte) {
	d.send(cl, centrifugoChannel(to), payload)
}

func (d centrifugo) send(cl *client, channel string, payload []byte) {
	var request, command, frame [2048]byte
	r := pbBytes(pbBytes(request[:0], 1, channel), 2, payload)
	cl.c.write(wsFrame(frame[:0], wsBinary, centrifugoCommand(command[:0], centrifugoSend, 7, r)))
}
