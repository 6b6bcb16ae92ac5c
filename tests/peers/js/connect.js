// A client of connect-node. It makes the calls of one case to the web address, by the Connect protocol.
//
//   node connect.js URL CASE DESCRIPTORS CODEC

"use strict";

const assert = require("node:assert");
const fs = require("node:fs");
const { createFileRegistry, fromBinary } = require("@bufbuild/protobuf");
const { FileDescriptorSetSchema } = require("@bufbuild/protobuf/wkt");
const { Code, ConnectError, createClient } = require("@connectrpc/connect");
const { createConnectTransport } = require("@connectrpc/connect-node");

// Returns the error of a call that must fail.
async function failure(call) {
  try {
    await call;
  } catch (error) {
    return ConnectError.from(error);
  }
  return assert.fail("the call succeeded");
}

// Returns the details of an error by the name of their type.
function details(error, registry) {
  const find = (name) => error.findDetails(registry.getMessage(`google.rpc.${name}`))[0];
  return { info: find("ErrorInfo"), retry: find("RetryInfo") };
}

async function guest({ account }, name) {
  const { token } = await account.signIn({ name });
  return { headers: { authorization: `Bearer ${token}` } };
}

const message = (text) => ({ target: { target: { case: "room", value: "lobby" } }, text });

const cases = {
  async unary({ chat, account }) {
    const { clients } = await chat.listClients({});
    assert.deepStrictEqual(clients, []);
    const options = await guest({ account }, "ann");
    const { sequence } = await chat.sendTo(message("Grüße 👋"), options);
    const { messages } = await chat.listMessages(
      { target: { target: { case: "room", value: "lobby" } } },
      options,
    );
    assert.deepStrictEqual(
      messages.map((event) => [event.sequence, event.message.text]),
      [[sequence, "Grüße 👋"]],
    );
  },

  async error_info({ chat, registry }) {
    const bad = { headers: { authorization: "Bearer none" } };
    const error = await failure(chat.listMessages({}, bad));
    assert.strictEqual(error.code, Code.Unauthenticated);
    const { info } = details(error, registry);
    assert.deepStrictEqual([info.reason, info.domain], ["BAD_CREDENTIALS", "chat_grpc"]);
  },

  async retry_info({ chat, account, registry }) {
    const options = await guest({ account }, "bob");
    await chat.sendTo(message("first"), options);
    const error = await failure(chat.sendTo(message("second"), options));
    assert.strictEqual(error.code, Code.ResourceExhausted);
    const { info, retry } = details(error, registry);
    assert.strictEqual(info.reason, "RATE_LIMITED");
    const seconds = Number(retry.retryDelay.seconds) + retry.retryDelay.nanos / 1e9;
    assert.ok(seconds > 0 && seconds < 11, `${seconds} s`);
  },

  async too_large({ chat, account, registry }) {
    const options = await guest({ account }, "carol");
    const error = await failure(chat.sendTo(message("x".repeat(70_000)), options));
    assert.strictEqual(error.code, Code.ResourceExhausted);
    assert.strictEqual(details(error, registry).info.reason, "REQUEST_TOO_LARGE");
  },

  async server_stream({ account }) {
    const options = await guest({ account }, "dora");
    const records = [];
    for await (const response of account.exportData({}, options)) records.push(...response.records);
    assert.strictEqual(JSON.parse(records.at(-1)).record, "end");
  },

  async server_stream_error({ account, registry }) {
    const read = async () => {
      for await (const _ of account.exportData({})) assert.fail("a response");
    };
    const error = await failure(read());
    assert.strictEqual(error.code, Code.Unauthenticated);
    assert.strictEqual(details(error, registry).info.reason, "NOT_SIGNED_IN");
  },

  async unknown_method({ chat, transport }) {
    const { listClients } = chat.service.method;
    const method = { ...listClients, name: "Nothing" };
    const call = transport.unary(method, undefined, undefined, undefined, {});
    assert.strictEqual((await failure(call)).code, Code.Unimplemented);
  },
};

async function main([baseUrl, name, descriptors, codec]) {
  const files = fromBinary(FileDescriptorSetSchema, fs.readFileSync(descriptors));
  const registry = createFileRegistry(files);
  const transport = createConnectTransport({
    baseUrl,
    httpVersion: "1.1",
    useBinaryFormat: codec === "proto",
  });
  const client = (service) =>
    Object.assign(createClient(registry.getService(`chat_grpc.v1.${service}`), transport), {
      service: registry.getService(`chat_grpc.v1.${service}`),
    });
  const chat = client("ChatService");
  const account = client("AccountService");
  await cases[name]({ chat, account, registry, transport });
  process.exit(0); // connections that are kept alive do not end the process
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exit(1);
});
