// Actions of admins as sentences. Pure; the sentences themselves are texts.

import type { AuditTexts } from "../../texts/server/en.ts";
import { durationText } from "./format.ts";

/** The values of an event of the audit log that a sentence needs. */
export interface Action {
  readonly method: string;
  readonly author: string;
  readonly subject: string;
  readonly detail: string;
}

/** Returns the values in a detail such as `uses=5 lifetime=3600s`. */
export function valuesIn(detail: string): ReadonlyMap<string, string> {
  return new Map([...detail.matchAll(/(\w+)=(\S*)/g)].map((each) => [each[1]!, each[2]!] as const));
}

/** Returns the seconds of a value such as `600s`; undefined for another text. */
export function secondsIn(value: string | undefined): number | undefined {
  return value !== undefined && /^\d+s$/.test(value) ? Number(value.slice(0, -1)) : undefined;
}

/** Returns an action as a sentence; a method that this page does not know is named as it is. */
export function sentenceOf(action: Action, texts: AuditTexts, locale: string): string {
  const values = valuesIn(action.detail);
  const seconds = secondsIn(values.get("duration") ?? values.get("lifetime"));
  const time = seconds === undefined ? "" : durationText(seconds, locale);
  const author = action.author === "local" ? texts.operator : action.author;
  const { subject } = action;
  const room = values.get("room") ?? "";
  switch (action.method) {
    case "Kick":
      return texts.kick(author, subject);
    case "Ban":
      return texts.ban(author, subject, time);
    case "Unban":
      return texts.unban(author, subject);
    case "Mute":
      return seconds === 0 ? texts.unmute(author, subject, room) : texts.mute(author, subject, room, time);
    case "CreateUser":
      return values.get("admin") === "true" ? texts.createAdmin(author, subject) : texts.createUser(author, subject);
    case "RemoveUser":
      return texts.removeUser(author, subject);
    case "SetUserPassword":
      return texts.setPassword(author, subject);
    case "SetUserAdmin":
      return values.get("admin") === "true" ? texts.grantAdmin(author, subject) : texts.revokeAdmin(author, subject);
    case "CreateInvite":
      return texts.createInvite(author, subject.replace(/^invite /, ""), Number(values.get("uses") ?? 1), time);
    case "RevokeInvite":
      return texts.revokeInvite(author, subject.replace(/^invite /, ""));
    case "Drain":
      return texts.drain(author, time);
    case "Backup":
      return texts.backup(author);
    default:
      return texts.other(author, [action.method, subject, action.detail].filter(Boolean).join(" "));
  }
}

/** The groups of methods that the filter of the audit log offers. */
export const METHOD_GROUPS = {
  all: [],
  moderation: ["Kick", "Ban", "Unban", "Mute"],
  accounts: ["CreateUser", "RemoveUser", "SetUserPassword", "SetUserAdmin"],
  invites: ["CreateInvite", "RevokeInvite"],
  operation: ["Drain", "Backup"],
} as const satisfies Record<string, readonly string[]>;
export type MethodGroup = keyof typeof METHOD_GROUPS;
