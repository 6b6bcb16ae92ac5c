// A client of grpc-js. It makes the calls of one case to the chat server.
//
//   node client.js ADDRESS CASE PROTOS

"use strict";

const assert = require("node:assert");
const grpc = require("@grpc/grpc-js");
const loader = require("@grpc/proto-loader");

const { credentials, status } = grpc;

function stubs(address, protos) {
  const options = { includeDirs: [protos], keepCase: true, longs: Number, arrays: true, oneofs: true };
  const loaded = loader.loadSync(["chat_grpc/v1/chat.proto", "chat_grpc/v1/account.proto"], options);
  const { v1 } = grpc.loadPackageDefinition(loaded).chat_grpc;
  return {
    chat: new v1.ChatService(address, credentials.createInsecure()),
    account: new v1.AccountService(address, credentials.createInsecure()),
  };
}

// Makes a unary call; returns the response, or throws the error that has the status.
function unary(stub, method, request, metadata = new grpc.Metadata()) {
  return new Promise((resolve, reject) => {
    stub[method](request, metadata, (error, response) => (error ? reject(error) : resolve(response)));
  });
}

async function until(check) {
  while (!(await check())) await new Promise((resolve) => setTimeout(resolve, 10));
}

// Opens a stream and reads it: `events` has what came, `end` becomes its status.
async function connect(chat, name, options = {}) {
  const stream = { call: chat.Connect(new grpc.Metadata(), options), events: [], end: null };
  stream.call.on("data", (response) => stream.events.push(...response.events));
  stream.call.on("error", () => {}); // the status says the same
  stream.call.on("status", (end) => {
    stream.end = end;
  });
  stream.has = (kind) => stream.events.some((event) => event[kind]);
  stream.call.write({ hello: { name } });
  await until(() => stream.has("welcome") || stream.end);
  return stream;
}

async function endsWith(stream, code) {
  await until(() => stream.end);
  assert.strictEqual(stream.end.code, code, stream.end.details);
}

function metadataOfSize(size) {
  const metadata = new grpc.Metadata();
  metadata.set("x-padding", "p".repeat(size));
  return metadata;
}

const cases = {
  async unary({ chat }) {
    const { clients } = await unary(chat, "ListClients", {});
    assert.deepStrictEqual(clients, []);
  },

  async stream({ chat }) {
    const stream = await connect(chat, "alice");
    const ids = ["a", "b", "c"];
    for (const request_id of ids) {
      stream.call.write({ send: { target: { room: "lobby" }, text: request_id, request_id } });
    }
    const sent = () => stream.events.filter((event) => event.sent);
    await until(() => sent().length === ids.length || stream.end);
    assert.deepStrictEqual(sent().map((event) => event.sent.request_id), ids);
    stream.call.cancel();
    await endsWith(stream, status.CANCELLED);
  },

  async cancel({ chat }) {
    const stream = await connect(chat, "bob");
    stream.call.cancel();
    await endsWith(stream, status.CANCELLED);
    await until(async () => {
      const { clients } = await unary(chat, "ListClients", {});
      return !clients.some((client) => client.name === "bob");
    });
  },

  async deadline({ chat }) {
    const stream = await connect(chat, "carol", { deadline: Date.now() + 1000 });
    assert.ok(stream.has("welcome"));
    await endsWith(stream, status.DEADLINE_EXCEEDED);
  },

  async big_metadata({ chat }) {
    await unary(chat, "ListClients", {}, metadataOfSize(15 * 1024));
  },

  async too_big_metadata({ chat }) {
    await assert.rejects(unary(chat, "ListClients", {}, metadataOfSize(17 * 1024)));
    await unary(chat, "ListClients", {});
  },

  async too_large_request({ account }) {
    const name = "n".repeat(100 * 1024);
    await assert.rejects(unary(account, "SignIn", { name }), { code: status.RESOURCE_EXHAUSTED });
    await unary(account, "SignIn", { name: "dave" });
  },

  async status_details({ account }) {
    const error = await unary(account, "SignIn", { name: "not a name!" }).catch((thrown) => thrown);
    assert.strictEqual(error.code, status.INVALID_ARGUMENT);
    const [details] = error.metadata.get("grpc-status-details-bin");
    assert.ok(details.includes("NAME_INVALID"), details.toString());
  },

  // Prints a line once the stream is open; then the test tells the server to drain. A send is
  // answered until the stream leaves, and the server then ends.
  async drain({ chat }) {
    const stream = await connect(chat, "erin");
    console.log("open");
    await until(() => stream.has("go_away") || stream.end);
    const send = { target: { room: "lobby" }, text: "while it drains", request_id: "last" };
    stream.call.write({ send });
    await until(() => stream.has("sent") || stream.has("rejected") || stream.end);
    stream.call.cancel();
    await endsWith(stream, status.CANCELLED);
    const code = () => unary(chat, "ListClients", {}).then(() => status.OK, (error) => error.code);
    await until(async () => (await code()) === status.UNAVAILABLE);
  },
};

async function main([address, name, protos]) {
  const both = stubs(address, protos);
  await cases[name](both);
  both.chat.close();
  both.account.close();
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exit(1);
});
