import { RoomRole, userKey, type Author, type Engine } from "../../engine/api.ts";
import { goTo } from "../../shell/places.ts";
import { texts } from "../../texts/index.ts";
import { errorText } from "../engine.ts";
import { toast, type MenuEntry } from "../kit/index.ts";

const HOUR = 3_600_000;
const ROLES = [RoomRole.READER, RoomRole.MEMBER, RoomRole.MODERATOR, RoomRole.OWNER] as const;

/** The person whom a menu is about; in a room also the roles there. */
export interface Subject {
  user: Author;
  room?: string;
  role?: RoomRole;
  myRole?: RoomRole;
  reload?: () => Promise<void>;
}

/** Returns the actions that the user probably may take. The server decides, and a refusal is shown. */
export function actionsFor(engine: Engine, subject: Subject): MenuEntry[] {
  const { user } = subject;
  const t = texts.value.right;
  const blocked = engine.blocked.peek().has(user.number);
  const run = (action: () => Promise<void>) => () => void perform(action, subject.reload);
  return [
    { label: t.write, icon: "message", onSelect: () => goTo(userKey(user.number)) },
    ...inRoom(engine, subject, run),
    "line",
    blocked
      ? { label: t.unblock, icon: "check", onSelect: run(() => engine.unblock(user.number)) }
      : { label: t.block, icon: "ban", danger: true, onSelect: run(() => engine.block(user.number)) },
  ];
}

/** Returns the actions of moderators and owners on a member below them. */
function inRoom(engine: Engine, subject: Subject, run: (action: () => Promise<void>) => () => void): MenuEntry[] {
  const { user, room, role = RoomRole.UNSPECIFIED, myRole = RoomRole.UNSPECIFIED } = subject;
  const owner = myRole >= RoomRole.OWNER;
  if (!room || myRole < RoomRole.MODERATOR || (!owner && role >= RoomRole.MODERATOR)) return [];
  const t = texts.value.right;
  const names = [t.roles.reader, t.roles.member, t.roles.moderator, t.roles.owner];
  const given = ROLES.filter((each) => each !== role && (owner || each < RoomRole.MODERATOR));
  const mutable = !owner || role < RoomRole.OWNER;
  return [
    "line",
    ...given.map((each) => ({ label: t.makeRole(names[ROLES.indexOf(each)] ?? ""), onSelect: run(() => engine.setRole(room, user.name, each)) })),
    mutable && { label: t.muteHour, icon: "bellOff" as const, onSelect: run(() => engine.mute(user.number, room, HOUR, "")) },
    mutable && { label: t.unmute, onSelect: run(() => engine.mute(user.number, room, 0, "")) },
    { label: t.removeMember, icon: "trash" as const, danger: true, onSelect: run(() => engine.setRole(room, user.name, RoomRole.UNSPECIFIED)) },
  ];
}

async function perform(action: () => Promise<void>, reload: (() => Promise<void>) | undefined): Promise<void> {
  try {
    await action();
    await reload?.();
    toast({ text: texts.value.right.done });
  } catch (error) {
    toast({ kind: "error", text: errorText(error) });
  }
}
