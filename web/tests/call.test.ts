import assert from "node:assert/strict";
import { test } from "node:test";

import { create, toBinary } from "@bufbuild/protobuf";
import { base64Encode } from "@bufbuild/protobuf/wire";

import { AccountService, ExportDataResponseSchema, GetSignInOptionsResponseSchema } from "../src/gen/chat_grpc/v1/account_pb.ts";
import { ErrorInfoSchema } from "../src/gen/google/rpc/error_details_pb.ts";
import { CallError, createClient } from "../src/wire/call.ts";
import { callFailure } from "../src/wire/errors.ts";

const BASE = new URL("http://chat.example/chat/");
type Answer = (url: string, init: RequestInit) => Response | Promise<Response>;

function client(answer: Answer) {
  return createClient(AccountService, BASE, async (url, init) => answer(String(url), init ?? {}));
}

async function failureOf(answer: Answer) {
  const error: unknown = await client(answer).getSignInOptions({}).catch((failed: unknown) => failed);
  assert.ok(error instanceof CallError);
  return { code: error.code, ...callFailure(error), message: error.message };
}

test("a unary call is a POST beside the page, with the header that asks for the cookie", async () => {
  const response = await client((url, init) => {
    assert.equal(url, "http://chat.example/chat/chat_grpc.v1.AccountService/GetSignInOptions");
    assert.equal(new Headers(init.headers).get("x-chat-grpc-session"), "cookie");
    assert.equal(init.method, "POST");
    return new Response(new Uint8Array(toBinary(GetSignInOptionsResponseSchema, create(GetSignInOptionsResponseSchema, { guests: true }))));
  }).getSignInOptions({});
  assert.equal(response.guests, true);
});

test("an error has its reason and its values", async () => {
  const info = toBinary(ErrorInfoSchema, create(ErrorInfoSchema, { reason: "NAME_TAKEN", domain: "chat_grpc", metadata: { name: "bob" } }));
  const details = [{ type: "google.rpc.ErrorInfo", value: base64Encode(info, "std_raw") }];
  const failed = await failureOf(() => Response.json({ code: "already_exists", message: "Taken.", details }, { status: 409 }));
  assert.equal(failed.code, "already_exists");
  assert.equal(failed.reason, "NAME_TAKEN");
  assert.equal(failed.message, "Taken.");
  assert.deepEqual({ ...failed.metadata }, { name: "bob" });
});

test("a proxy without a server behind it, and a network without an answer, are offline", async () => {
  assert.equal((await failureOf(() => new Response("<html>", { status: 502 }))).reason, "OFFLINE");
  assert.equal((await failureOf(() => Promise.reject(new TypeError("Failed to fetch")))).reason, "OFFLINE");
  assert.equal((await failureOf(() => new Response("<html>", { status: 404 }))).reason, "UNKNOWN");
});

function envelope(flags: number, content: Uint8Array): number[] {
  return [flags, 0, 0, content.length >> 8, content.length & 255, ...content];
}

function record(text: string): number[] {
  return envelope(0, toBinary(ExportDataResponseSchema, create(ExportDataResponseSchema, { records: [text] })));
}

function streamOf(bytes: number[], step: number): Response {
  const body = new ReadableStream({
    start(controller) {
      for (let at = 0; at < bytes.length; at += step) controller.enqueue(Uint8Array.from(bytes.slice(at, at + step)));
      controller.close();
    },
  });
  return new Response(body);
}

async function read(response: Response): Promise<string[]> {
  const found: string[] = [];
  for await (const each of client(() => response).exportData({})) found.push(...each.records);
  return found;
}

test("a stream is read whole, however the network cuts it", async () => {
  const end = envelope(2, new TextEncoder().encode("{}"));
  const long = "x".repeat(300);
  for (const step of [1, 2, 7, 1000]) {
    assert.deepEqual(await read(streamOf([...record("a"), ...record(long), ...end], step)), ["a", long]);
  }
});

test("a stream that ends by an error, or without its end, fails", async () => {
  const end = envelope(2, new TextEncoder().encode('{"error":{"code":"resource_exhausted","message":"Too slow."}}'));
  await assert.rejects(read(streamOf([...record("a"), ...end], 5)), { code: "resource_exhausted", message: "Too slow." });
  await assert.rejects(read(streamOf(record("a"), 5)), { code: "unavailable" });
});
