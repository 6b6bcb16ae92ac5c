// Program client is a client of grpc-go. It makes the calls of one case to the interop TestService.
package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	pb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

type stub = pb.TestServiceClient

var cases = map[string]func(context.Context, stub) error{
	"unary":             unary,
	"stream":            stream,
	"many_messages":     manyMessages,
	"flow_control":      flowControl,
	"stalled_stream":    stalledStream,
	"refused_streams":   refusedStreams,
	"many_calls":        manyCalls,
	"cancel":            cancelled,
	"deadline":          deadline,
	"big_metadata":      bigMetadata,
	"too_big_metadata":  tooBigMetadata,
	"too_large_request": tooLargeRequest,
	"status_details":    statusDetails,
	"drain":             drain,
}

func main() {
	if len(os.Args) != 3 || cases[os.Args[2]] == nil {
		fmt.Fprintln(os.Stderr, "usage: client ADDRESS CASE")
		os.Exit(2)
	}
	connection, err := grpc.NewClient(
		os.Args[1], grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err == nil {
		defer connection.Close()
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		err = cases[os.Args[2]](ctx, pb.NewTestServiceClient(connection))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func payload(size int) *pb.Payload {
	return &pb.Payload{Body: bytes.Repeat([]byte("x"), size)}
}

// want returns an error unless err has the code.
func want(err error, code codes.Code) error {
	if got := status.Code(err); got != code {
		return fmt.Errorf("the code is %v instead of %v: %w", got, code, err)
	}
	return nil
}

func unary(ctx context.Context, service stub) error {
	response, err := service.UnaryCall(ctx, &pb.SimpleRequest{ResponseSize: 1000, Payload: payload(10)})
	if err != nil {
		return err
	}
	if size := len(response.Payload.Body); size != 1000 {
		return fmt.Errorf("the response has %d bytes", size)
	}
	return nil
}

// exchange sends a request for a response of a size, and receives it.
func exchange(call pb.TestService_FullDuplexCallClient, size int) error {
	request := &pb.StreamingOutputCallRequest{
		ResponseParameters: []*pb.ResponseParameters{{Size: int32(size)}},
	}
	if err := call.Send(request); err != nil {
		return err
	}
	response, err := call.Recv()
	if err != nil {
		return err
	}
	if got := len(response.Payload.Body); got != size {
		return fmt.Errorf("the response has %d bytes instead of %d", got, size)
	}
	return nil
}

func stream(ctx context.Context, service stub) error {
	call, err := service.FullDuplexCall(ctx)
	if err != nil {
		return err
	}
	for size := range 100 {
		if err := exchange(call, size); err != nil {
			return err
		}
	}
	return end(call)
}

// end half-closes a call, and expects OK.
func end(call pb.TestService_FullDuplexCallClient) error {
	if err := call.CloseSend(); err != nil {
		return err
	}
	if _, err := call.Recv(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("the stream ends with: %w", err)
	}
	return nil
}

// manyMessages receives thousands of small responses in turn. For each, grpc-go may send a PING to
// estimate the bandwidth.
func manyMessages(ctx context.Context, service stub) error {
	call, err := service.FullDuplexCall(ctx)
	if err != nil {
		return err
	}
	for range 5000 {
		if err := exchange(call, 1); err != nil {
			return err
		}
	}
	return end(call)
}

// flowControl moves 8 MiB each way, many times the windows of both sides.
func flowControl(ctx context.Context, service stub) error {
	upload, err := service.StreamingInputCall(ctx)
	if err != nil {
		return err
	}
	const size, count = 128 * 1024, 64
	for range count {
		if err := upload.Send(&pb.StreamingInputCallRequest{Payload: payload(size)}); err != nil {
			return err
		}
	}
	summary, err := upload.CloseAndRecv()
	if err != nil {
		return err
	}
	if got := summary.AggregatedPayloadSize; got != size*count {
		return fmt.Errorf("the server has %d bytes", got)
	}
	request := &pb.StreamingOutputCallRequest{}
	for range count {
		request.ResponseParameters = append(
			request.ResponseParameters, &pb.ResponseParameters{Size: size})
	}
	download, err := service.StreamingOutputCall(ctx, request)
	if err != nil {
		return err
	}
	got := 0
	for {
		response, err := download.Recv()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		got += len(response.Payload.Body)
	}
	if got != size*count {
		return fmt.Errorf("the client has %d bytes", got)
	}
	return nil
}

// stalledStream writes megabytes to a stream that it does not read, so that the windows of the
// stream close in both directions. Other calls of the connection are served meanwhile. Then it
// reads.
func stalledStream(ctx context.Context, service stub) error {
	call, err := service.FullDuplexCall(ctx)
	if err != nil {
		return err
	}
	const count, size = 200, 50_000
	sent := make(chan error, 1)
	go func() {
		request := &pb.StreamingOutputCallRequest{
			ResponseParameters: []*pb.ResponseParameters{{Size: size}}, Payload: payload(size)}
		for range count {
			if err := call.Send(request); err != nil {
				sent <- err
				return
			}
		}
		sent <- call.CloseSend()
	}()
	for range 100 {
		if err := unary(ctx, service); err != nil {
			return fmt.Errorf("beside the stalled stream: %w", err)
		}
	}
	select {
	case err := <-sent:
		return fmt.Errorf("the stream did not stall: %v", err)
	default:
	}
	for range count {
		response, err := call.Recv()
		if err != nil {
			return err
		}
		if got := len(response.Payload.Body); got != size {
			return fmt.Errorf("the response has %d bytes", got)
		}
	}
	if err := <-sent; err != nil {
		return err
	}
	return end(call)
}

// refusedStreams makes hundreds of calls that the server ends first, beside an open stream. grpc-go
// resets each of them, because it has not half-closed it.
func refusedStreams(ctx context.Context, service stub) error {
	open, err := service.FullDuplexCall(ctx)
	if err != nil {
		return err
	}
	request := &pb.StreamingOutputCallRequest{
		ResponseStatus: &pb.EchoStatus{Code: int32(codes.FailedPrecondition)}}
	for range 500 {
		call, err := service.FullDuplexCall(ctx)
		if err != nil {
			return err
		}
		if err := call.Send(request); err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		_, err = call.Recv()
		if err := want(err, codes.FailedPrecondition); err != nil {
			return err
		}
	}
	if err := exchange(open, 1); err != nil {
		return fmt.Errorf("the open stream: %w", err)
	}
	return end(open)
}

// manyCalls makes more calls at once than a connection may have streams.
func manyCalls(ctx context.Context, service stub) error {
	const count = 500
	results := make(chan error, count)
	for range count {
		go func() { results <- unary(ctx, service) }()
	}
	for range count {
		if err := <-results; err != nil {
			return err
		}
	}
	return nil
}

func cancelled(ctx context.Context, service stub) error {
	ctx, cancel := context.WithCancel(ctx)
	call, err := service.FullDuplexCall(ctx)
	if err != nil {
		cancel()
		return err
	}
	if err := exchange(call, 1); err != nil {
		cancel()
		return err
	}
	cancel()
	_, err = call.Recv()
	return want(err, codes.Canceled)
}

func deadline(ctx context.Context, service stub) error {
	ctx, cancel := context.WithTimeout(ctx, 500*time.Millisecond)
	defer cancel()
	call, err := service.FullDuplexCall(ctx)
	if err != nil {
		return err
	}
	if err := exchange(call, 1); err != nil {
		return err
	}
	_, err = call.Recv()
	return want(err, codes.DeadlineExceeded)
}

// withMetadata makes a call with metadata of a size in bytes, which the server sends back.
func withMetadata(ctx context.Context, service stub, size int) error {
	const key = "x-grpc-test-echo-initial"
	value := strings.Repeat("v", size)
	var header metadata.MD
	_, err := service.UnaryCall(
		metadata.AppendToOutgoingContext(ctx, key, value), &pb.SimpleRequest{}, grpc.Header(&header))
	if err != nil {
		return err
	}
	if got := header.Get(key); len(got) != 1 || got[0] != value {
		return fmt.Errorf("the metadata is not the same: %.100q", got)
	}
	return nil
}

func bigMetadata(ctx context.Context, service stub) error {
	return withMetadata(ctx, service, 15*1024)
}

func tooBigMetadata(ctx context.Context, service stub) error {
	err := withMetadata(ctx, service, 17*1024)
	if status.Code(err) == codes.OK {
		return errors.New("17 KiB of metadata are accepted")
	}
	return unary(ctx, service)
}

func tooLargeRequest(ctx context.Context, service stub) error {
	_, err := service.UnaryCall(ctx, &pb.SimpleRequest{Payload: payload(2 * 1024 * 1024)})
	if err := want(err, codes.ResourceExhausted); err != nil {
		return err
	}
	return unary(ctx, service)
}

func statusDetails(ctx context.Context, service stub) error {
	request := &pb.SimpleRequest{ResponseStatus: &pb.EchoStatus{
		Code: int32(codes.FailedPrecondition), Message: "100 % ☺"}}
	_, err := service.UnaryCall(ctx, request)
	if err := want(err, codes.FailedPrecondition); err != nil {
		return err
	}
	got := status.Convert(err)
	if got.Message() != "100 % ☺" || len(got.Details()) != 1 {
		return fmt.Errorf("the status is %v", got.Proto())
	}
	if info, ok := got.Details()[0].(*errdetails.ErrorInfo); !ok || info.Reason != "ASKED_FOR" {
		return fmt.Errorf("the detail is %v", got.Details()[0])
	}
	return nil
}

// drain keeps a stream open while the server drains: it prints a line once the stream is open, and
// waits for a line that says that the server refuses new calls.
func drain(ctx context.Context, service stub) error {
	call, err := service.FullDuplexCall(ctx)
	if err != nil {
		return err
	}
	if err := exchange(call, 1); err != nil {
		return err
	}
	fmt.Println("open")
	if _, err := bufio.NewReader(os.Stdin).ReadString('\n'); err != nil {
		return err
	}
	if err := exchange(call, 2); err != nil {
		return fmt.Errorf("the open stream is not served: %w", err)
	}
	_, err = service.UnaryCall(ctx, &pb.SimpleRequest{})
	if err := want(err, codes.Unavailable); err != nil {
		return fmt.Errorf("a new call: %w", err)
	}
	return end(call)
}
