// Opens a case, reads it back, and is refused: example ADDRESS TOKEN. Generated code: see proto/README.md.
package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"log"
	"os"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	intake "example/gen/throughline/intake/v1"
)

func main() {
	address, token := os.Args[1], os.Args[2]

	// README
	connection, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials())) // TLS: credentials.NewTLS
	check(err)
	client := intake.NewIntakeServiceClient(connection)
	caller := metadata.AppendToOutgoingContext(context.Background(), "authorization", "Bearer "+token)
	soon, cancel := context.WithTimeout(caller, 10*time.Second)
	defer cancel()
	opened, err := client.OpenCase(soon, &intake.OpenCaseRequest{CommandId: rand.Text(), CustomerId: "C-7", Subject: "Where is it?",
		Text: "Promised for Friday", Channel: intake.Channel_CHANNEL_PHONE})
	check(err)
	read, err := client.GetCase(soon, &intake.GetCaseRequest{CaseId: opened.CaseId, ConsistencyToken: opened.ConsistencyToken})
	check(err)
	// end

	if read.Case.Subject != "Where is it?" {
		log.Fatal(read)
	}
	_, err = client.GetCase(soon, &intake.GetCaseRequest{CaseId: "no-such-case"})
	refusal := status.Convert(err)
	if refusal.Code() != codes.NotFound {
		log.Fatal(err)
	}
	if info, ok := refusal.Details()[0].(*errdetails.ErrorInfo); !ok || info.Reason != "CASE_UNKNOWN" {
		log.Fatal(refusal.Details())
	}
	fmt.Println("go: opened and read", opened.CaseId)
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
