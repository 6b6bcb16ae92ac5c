import type { Client } from "@connectrpc/connect";

import { AdminService } from "../../gen/chat_grpc/v1/admin_pb.ts";
import { texts } from "../../texts/index.ts";
import { CallError, createClient } from "../../wire/call.ts";
import { serverTexts } from "../../texts/server/index.ts";

export type AdminClient = Client<typeof AdminService>;

/** The methods of `AdminService`, as Connect POSTs below the address of the page. */
export const admin: AdminClient = createClient(AdminService, new URL(".", document.baseURI));

/** Returns an error as a sentence for the user. */
export function errorText(error: unknown): string {
  const found = CallError.from(error);
  if (isRefusal(found)) return serverTexts.value.notAllowed;
  if (found.code === "unavailable" || found.message === "") return texts.value.common.offline;
  return found.message;
}

/** Returns whether an error says that the user is not, or no longer, an admin. */
export function isRefusal(error: unknown): boolean {
  return ["permission_denied", "unauthenticated"].includes(CallError.from(error).code);
}

/** Returns a `Duration` of the contract. */
export function durationOf(seconds: number): { seconds: bigint; nanos: number } {
  return { seconds: BigInt(seconds), nanos: 0 };
}
