// Program echo is a bot that answers mentions. After a restart it is the same guest, and answers the
// messages that it missed, each once.
//
//	go run . -server localhost:50051 -name echo -state echo.state.json
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"echo/chatpb"
)

// A stream that ended with one of these is not opened again: the same hello would be refused again.
var final = []codes.Code{
	codes.Unauthenticated, codes.PermissionDenied, codes.AlreadyExists, codes.Aborted,
	codes.FailedPrecondition, codes.InvalidArgument, codes.Unimplemented,
}

func main() {
	server := flag.String("server", "localhost:50051", "the address of the server")
	name := flag.String("name", "echo", "the name of the guest")
	path := flag.String("state", "echo.state.json", "the file that the next start resumes from")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *server, *name, *path); err != nil && ctx.Err() == nil {
		log.Fatal(err)
	}
}

// run opens stream after stream, until the context ends or the server refuses the bot.
func run(ctx context.Context, server, name, path string) error {
	kept, err := load(path)
	if err != nil {
		return err
	}
	connection, err := grpc.NewClient(server,
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		// Finds a connection that was lost silently. The server accepts this rate of pings.
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: 20 * time.Second, Timeout: 10 * time.Second}))
	if err != nil {
		return err
	}
	defer connection.Close()
	for {
		bot := &bot{chat: chatpb.NewChatServiceClient(connection), name: name, state: kept}
		err := bot.stream(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if reason(err) == "BAD_CREDENTIALS" && kept.Token != "" {
			kept.Token = "" // the server lost its store: be a new guest of this name
			continue
		}
		if slices.Contains(final, status.Code(err)) {
			return err
		}
		wait := max(bot.reconnectAfter, time.Duration((0.5+rand.Float64())*float64(time.Second)))
		log.Printf("the stream ended (%v); the next one opens in %v", err, wait.Round(time.Millisecond))
		select {
		case <-time.After(wait):
		case <-ctx.Done():
		}
	}
}

// reason returns the reason that the server gave for an error.
func reason(err error) string {
	for _, detail := range status.Convert(err).Details() {
		if info, ok := detail.(*errdetails.ErrorInfo); ok {
			return info.Reason
		}
	}
	return ""
}

// A bot is one stream, from its hello to its end.
type bot struct {
	chat  chatpb.ChatServiceClient
	name  string
	state *state

	call           grpc.BidiStreamingClient[chatpb.ConnectRequest, chatpb.ConnectResponse]
	me             int32
	last           int64          // the last stored event that was received
	unanswered     []*chatpb.Send // answers that the server has not confirmed, the oldest first
	reconnectAfter time.Duration  // the wish of a server that goes away
}

var errGoAway = errors.New("the server is stopping")

// stream holds one stream until it ends, and returns why.
func (b *bot) stream(ctx context.Context) error {
	if b.state.Token != "" {
		ctx = metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+b.state.Token)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	call, err := b.chat.Connect(ctx)
	if err != nil {
		return err
	}
	b.call, b.last = call, b.state.Sequence
	hello := &chatpb.Hello{
		Name:        b.name,
		LogId:       b.state.LogID,
		ResumeAfter: b.state.Sequence,
		Incarnation: b.state.Incarnation,
		DeviceId:    b.state.DeviceID,
		Agent:       "echo-go/1",
	}
	err = call.Send(&chatpb.ConnectRequest{Request: &chatpb.ConnectRequest_Hello{Hello: hello}})
	for err == nil {
		var response *chatpb.ConnectResponse
		if response, err = call.Recv(); err != nil {
			break
		}
		for _, event := range response.Events {
			if err = b.take(event); err != nil {
				break
			}
		}
		err = errors.Join(err, b.keep())
	}
	if _, refused := status.FromError(err); !refused && !errors.Is(err, errGoAway) {
		// A failed Send says only EOF; the status of the stream says why.
		if _, ended := call.Recv(); ended != nil {
			return ended
		}
	}
	return err
}

// take handles one event.
func (b *bot) take(event *chatpb.Event) error {
	if event.Sequence > 0 {
		if event.Sequence <= b.last {
			return nil // it came before
		}
		b.last = event.Sequence
	}
	switch of := event.Event.(type) {
	case *chatpb.Event_Welcome:
		return b.welcome(of.Welcome)
	case *chatpb.Event_CaughtUp:
		b.last = max(b.last, of.CaughtUp.HeadSequence)
	case *chatpb.Event_Message:
		if of.Message.Author.Number != b.me && slices.Contains(of.Message.MentionedNumbers, b.me) {
			return b.answer(event.Sequence, of.Message)
		}
	case *chatpb.Event_Sent:
		b.settle(of.Sent.RequestId)
	case *chatpb.Event_Rejected:
		return b.rejected(of.Rejected)
	case *chatpb.Event_GoAway:
		b.reconnectAfter = of.GoAway.ReconnectAfter.AsDuration()
		return errGoAway
	}
	return nil
}

func (b *bot) welcome(welcome *chatpb.Welcome) error {
	known := welcome.LogId == b.state.LogID
	switch welcome.Recovery {
	case chatpb.Recovery_RECOVERY_FRESH, chatpb.Recovery_RECOVERY_OTHER_LOG:
		known = false // the stream starts at the head, and sequences of before mean nothing
	}
	if !known {
		b.last = welcome.HeadSequence
	}
	if welcome.Token != "" {
		b.state.Token = welcome.Token
	}
	b.state.LogID, b.state.Incarnation = welcome.LogId, welcome.Incarnation
	b.me = welcome.Client.Number
	log.Printf("%s is number %d, %v", welcome.Client.Name, b.me, welcome.Recovery)
	return nil
}

// answer writes the answer to a message in its conversation.
func (b *bot) answer(sequence int64, message *chatpb.Message) error {
	// To the number, because the name of a guest may belong to somebody else later.
	target := &chatpb.Target{Target: &chatpb.Target_ClientNumber{ClientNumber: message.Author.Number}}
	if room := message.GetRoom(); room != "" {
		target = &chatpb.Target{Target: &chatpb.Target_Room{Room: room}}
	}
	send := &chatpb.Send{
		Target:  target,
		Text:    "You said: " + message.Text,
		ReplyTo: sequence,
		// Made from the message: if it comes again after a crash, it is still answered once.
		RequestId: fmt.Sprintf("echo-%d", sequence),
	}
	b.unanswered = append(b.unanswered, send)
	return b.write(send)
}

func (b *bot) write(send *chatpb.Send) error {
	return b.call.Send(&chatpb.ConnectRequest{Request: &chatpb.ConnectRequest_Send{Send: send}})
}

// rejected writes an answer again that came too fast, and drops one that is refused.
func (b *bot) rejected(rejected *chatpb.Rejected) error {
	at := slices.IndexFunc(b.unanswered, func(send *chatpb.Send) bool { return send.RequestId == rejected.RequestId })
	if at >= 0 && rejected.Error.Reason == "RATE_LIMITED" {
		time.Sleep(rejected.Error.RetryAfter.AsDuration())
		return b.write(b.unanswered[at])
	}
	log.Printf("not sent: %s", rejected.Error.Message)
	b.settle(rejected.RequestId)
	return nil
}

func (b *bot) settle(requestID string) {
	b.unanswered = slices.DeleteFunc(b.unanswered, func(send *chatpb.Send) bool { return send.RequestId == requestID })
}

// keep saves the position: before the oldest message whose answer is not confirmed. That message
// comes again on the next stream, and its answer has the same request id.
func (b *bot) keep() error {
	b.state.Sequence = b.last
	if len(b.unanswered) > 0 {
		b.state.Sequence = b.unanswered[0].ReplyTo - 1
	}
	return b.state.save()
}
