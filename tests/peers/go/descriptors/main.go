// Program descriptors writes the descriptors of gRPC's interop messages to the standard output.
package main

import (
	"log"
	"os"

	pb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
)

func main() {
	set := &descriptorpb.FileDescriptorSet{}
	// A file comes after those that it imports.
	for _, file := range []protoreflect.FileDescriptor{
		pb.File_grpc_testing_empty_proto, pb.File_grpc_testing_messages_proto,
	} {
		set.File = append(set.File, protodesc.ToFileDescriptorProto(file))
	}
	encoded, err := proto.Marshal(set)
	if err != nil {
		log.Fatal(err)
	}
	if _, err := os.Stdout.Write(encoded); err != nil {
		log.Fatal(err)
	}
}
