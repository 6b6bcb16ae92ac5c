package main

// Requests of this project's contract, encoded by hand.

const (
	chatService   = "/chat_grpc.v1.ChatService/"
	connectMethod = chatService + "Connect"
	signInMethod  = "/chat_grpc.v1.AccountService/SignIn"
)

func pbBytes[T string | []byte](b []byte, num uint64, v T) []byte {
	return append(appendVarint(appendVarint(b, num<<3|2), uint64(len(v))), v...)
}

func pbInt(b []byte, num, v uint64) []byte { return appendVarint(appendVarint(b, num<<3), v) }

// The targets of a message.
func toRoom(room string) []byte     { return pbBytes(nil, 3, room) }
func toNumber(number uint64) []byte { return pbInt(nil, 1, number) }

// helloRequest opens a stream, as a guest or with a token.
func helloRequest(name, token string) []byte {
	var h []byte
	if name != "" {
		h = pbBytes(h, 1, name)
	}
	if token != "" {
		h = pbBytes(h, 2, token)
	}
	return pbBytes(nil, 1, h)
}

// sendFields are the fields of Send and of SendToRequest.
func sendFields(target []byte, text, requestID string) []byte {
	return pbBytes(pbBytes(pbBytes(nil, 1, target), 2, text), 3, requestID)
}

func sendRequest(target []byte, text, requestID string) []byte {
	return pbBytes(nil, 2, sendFields(target, text, requestID))
}

func editRequest(sequence uint64, text, requestID string) []byte {
	return pbBytes(nil, 3, pbBytes(pbBytes(pbInt(nil, 1, sequence), 2, text), 3, requestID))
}

func deleteRequest(sequence uint64, requestID string) []byte {
	return pbBytes(nil, 4, pbBytes(pbInt(nil, 1, sequence), 2, requestID))
}

func listRequest(target []byte, pageSize uint64) []byte {
	return pbInt(pbBytes(nil, 1, target), 2, pageSize)
}

// answers calls sent or rejected for each answer to a request in a response.
func answers(msg []byte, sent func(requestID string, sequence uint64), rejected func(reason string)) {
	events(msg, func(e event) {
		var id, reason string
		var sequence uint64
		fields(e.body, func(num, v uint64, b []byte) {
			switch {
			case num == 1:
				id = string(b)
			case num == 2 && b == nil:
				sequence = v
			case num == 2:
				fields(b, func(num, _ uint64, b []byte) {
					if num == 2 {
						reason = string(b)
					}
				})
			}
		})
		switch e.kind {
		case evSent:
			sent(id, sequence)
		case evRejected:
			rejected(reason)
		}
	})
}
