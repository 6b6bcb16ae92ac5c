package main

import (
	"sync"

	"gonaive/pb"
)

// joining is a client whose waiting messages go out as one response. Its queue has no limit.
type joining struct {
	mu   sync.Mutex
	q    []*pb.Msg
	wake chan struct{}
}

func (j *joining) put(m *pb.Msg) {
	j.mu.Lock()
	j.q = append(j.q, m)
	j.mu.Unlock()
	select {
	case j.wake <- struct{}{}:
	default:
	}
}

func (s *server) Join(stream pb.Chat_JoinServer) error {
	hello, err := stream.Recv()
	if err != nil {
		return err
	}
	j := &joining{wake: make(chan struct{}, 1)}
	defer s.join(hello.User, j)()
	done := make(chan struct{})
	defer close(done)
	go j.write(stream, done)
	return s.read(hello.User, stream.Recv)
}

// write sends what waits, until a write fails or the stream is done.
func (j *joining) write(stream pb.Chat_JoinServer, done <-chan struct{}) {
	var spare []*pb.Msg
	for {
		select {
		case <-j.wake:
		case <-done:
			return
		}
		j.mu.Lock()
		q := j.q
		j.q = spare[:0]
		j.mu.Unlock()
		if len(q) > 0 {
			if err := stream.Send(&pb.Msgs{Msgs: q}); err != nil {
				return
			}
			clear(q)
		}
		spare = q
	}
}
