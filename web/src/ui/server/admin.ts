import { Code, ConnectError, createClient, type Client } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-web";

import { AdminService } from "../../gen/chat_grpc/v1/admin_pb.ts";
import { texts } from "../../texts/index.ts";
import { serverTexts } from "../../texts/server/index.ts";

export type AdminClient = Client<typeof AdminService>;

/** The methods of `AdminService`, as Connect POSTs below the address of the page. */
export const admin: AdminClient = createClient(
  AdminService,
  createConnectTransport({
    baseUrl: new URL(".", document.baseURI).href.replace(/\/$/, ""),
    useBinaryFormat: true,
  }),
);

/** Returns an error as a sentence for the user. */
export function errorText(error: unknown): string {
  const found = ConnectError.from(error);
  if (found.code === Code.PermissionDenied || found.code === Code.Unauthenticated) return serverTexts.value.notAllowed;
  // fetch() fails without an answer: there is no sentence of the server.
  if (found.cause instanceof TypeError || found.rawMessage === "") return texts.value.common.offline;
  return found.rawMessage;
}

/** Returns whether an error says that the user is not, or no longer, an admin. */
export function isRefusal(error: unknown): boolean {
  return [Code.PermissionDenied, Code.Unauthenticated].includes(ConnectError.from(error).code);
}

/** Returns a `Duration` of the contract. */
export function durationOf(seconds: number): { seconds: bigint; nanos: number } {
  return { seconds: BigInt(seconds), nanos: 0 };
}
