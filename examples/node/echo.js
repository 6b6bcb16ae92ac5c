// A bot that answers mentions. After a restart it is the same guest, and answers the messages that
// it missed, each once.
//
//   node echo.js --server localhost:50051 --name echo --state echo.state.json

"use strict";

const path = require("node:path");
const { parseArgs } = require("node:util");
const grpc = require("@grpc/grpc-js");
const loader = require("@grpc/proto-loader");
const { load, save } = require("./state");

const PROTOS = process.env.CHAT_PROTOS || path.join(__dirname, "../../protos");
const { status } = grpc;

// A stream that ended with one of these is not opened again: the same hello would be refused again.
const FINAL = new Set([
  status.UNAUTHENTICATED, status.PERMISSION_DENIED, status.ALREADY_EXISTS, status.ABORTED,
  status.FAILED_PRECONDITION, status.INVALID_ARGUMENT, status.UNIMPLEMENTED,
]);

const { values: options } = parseArgs({
  options: {
    server: { type: "string", default: "localhost:50051" },
    name: { type: "string", default: "echo" },
    state: { type: "string", default: "echo.state.json" },
  },
});

const loaded = loader.loadSync("chat_grpc/v1/chat.proto", {
  includeDirs: [PROTOS],
  keepCase: true,
  longs: Number, // a sequence stays far below 2^53
  enums: String,
  defaults: true,
  oneofs: true,
});
const { ChatService } = grpc.loadPackageDefinition(loaded).chat_grpc.v1;
const chat = new ChatService(options.server, grpc.credentials.createInsecure(), {
  // Finds a connection that was lost silently. The server accepts this rate of pings.
  "grpc.keepalive_time_ms": 20_000,
  "grpc.keepalive_timeout_ms": 10_000,
});
const state = load(options.state);

// One stream, from its hello to its end.
class Stream {
  constructor() {
    this.me = 0;
    this.last = state.sequence; // the last stored event that was received
    this.unanswered = new Map(); // answers that the server has not confirmed, by request id
    this.ended = false;
    this.reconnectAfter = 0; // milliseconds; the wish of a server that goes away
    const metadata = new grpc.Metadata();
    if (state.token) metadata.set("authorization", `Bearer ${state.token}`);
    this.call = chat.Connect(metadata);
  }

  // Reads until the stream ends; returns its status.
  run() {
    const { log_id, sequence: resume_after, incarnation, device_id } = state;
    const hello = { name: options.name, log_id, resume_after, incarnation, device_id, agent: "echo-node/1" };
    return new Promise((resolve) => {
      this.call.on("data", (response) => {
        for (const event of response.events) this.take(event);
        this.keep();
      });
      this.call.on("error", () => {}); // the status says the same
      this.call.on("status", (end) => {
        this.ended = true;
        resolve(end);
      });
      this.call.write({ hello });
    });
  }

  take(event) {
    if (event.sequence) {
      if (event.sequence <= this.last) return; // it came before
      this.last = event.sequence;
    }
    switch (event.event) {
      case "welcome":
        return this.welcome(event.welcome);
      case "caught_up":
        this.last = Math.max(this.last, event.caught_up.head_sequence);
        return;
      case "message":
        return this.message(event.sequence, event.message);
      case "sent":
        this.unanswered.delete(event.sent.request_id);
        return;
      case "rejected":
        return this.rejected(event.rejected);
      case "go_away":
        this.reconnectAfter = milliseconds(event.go_away.reconnect_after);
        this.call.cancel();
    }
  }

  welcome({ client, log_id, incarnation, head_sequence, recovery, token }) {
    // After these the stream starts at the head, and sequences of before mean nothing.
    const restarts = ["RECOVERY_FRESH", "RECOVERY_OTHER_LOG"].includes(recovery);
    if (restarts || log_id !== state.log_id) this.last = head_sequence;
    Object.assign(state, { log_id, incarnation, token: token || state.token });
    this.me = client.number;
    console.error(`${client.name} is number ${client.number}, ${recovery}`);
  }

  // Answers a message that mentions the bot, in its conversation.
  message(sequence, { author, room, text, mentioned_numbers }) {
    if (author.number === this.me || !mentioned_numbers.includes(this.me)) return;
    const send = {
      // To the number, because the name of a guest may belong to somebody else later.
      target: room ? { room } : { client_number: author.number },
      text: `You said: ${text}`,
      reply_to: sequence,
      // Made from the message: if it comes again after a crash, it is still answered once.
      request_id: `echo-${sequence}`,
    };
    this.unanswered.set(send.request_id, send);
    this.call.write({ send });
  }

  // Writes an answer again that came too fast, and drops one that is refused.
  rejected({ request_id, error }) {
    const send = this.unanswered.get(request_id);
    if (send && error.reason === "RATE_LIMITED") {
      const again = () => this.ended || this.call.write({ send });
      setTimeout(again, milliseconds(error.retry_after));
      return;
    }
    console.error(`not sent: ${error.message}`);
    this.unanswered.delete(request_id);
  }

  // Saves the position: before the oldest message whose answer is not confirmed. That message comes
  // again on the next stream, and its answer has the same request id.
  keep() {
    const [oldest] = this.unanswered.values();
    state.sequence = oldest ? oldest.reply_to - 1 : this.last;
    save(options.state, state);
  }
}

function milliseconds(duration) {
  return duration ? duration.seconds * 1000 + duration.nanos / 1e6 : 0;
}

// Opens stream after stream, until the server refuses the bot.
async function main() {
  for (;;) {
    const stream = new Stream();
    const end = await stream.run();
    const [details] = end.metadata.get("grpc-status-details-bin");
    // The details are a google.rpc.Status, which has the reason as text.
    if (state.token && details?.includes("BAD_CREDENTIALS")) {
      state.token = ""; // the server lost its store: be a new guest of this name
      continue;
    }
    if (FINAL.has(end.code)) throw new Error(end.details);
    const wait = Math.max(stream.reconnectAfter, 500 + Math.random() * 1000);
    console.error(`the stream ended (${end.details}); the next one opens in ${Math.round(wait)} ms`);
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
}

for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(0));
main().catch((error) => {
  console.error(error.message);
  process.exit(1);
});
