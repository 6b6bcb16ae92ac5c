import { useState } from "preact/hooks";

import { intlLocale } from "../../texts/index.ts";
import { serverTexts } from "../../texts/server/index.ts";
import { Field, Select, toast, type MenuEntry } from "../kit/index.ts";
import { ActionDialog } from "./ActionDialog.tsx";
import { admin, durationOf } from "./admin.ts";
import { durationText, isNetwork } from "./format.ts";

/** A kick, a mute or a ban that is about to be made. */
export type Sanction =
  | { readonly kind: "kick" | "mute" | "ban"; readonly number: number; readonly name: string }
  | { readonly kind: "network"; readonly network: string }
  /** A ban whose subject the dialog asks for. */
  | { readonly kind: "any" };

const DURATIONS = [600, 3600, 86_400, 604_800, 2_592_000];
const FOREVER = "forever";
const NONE = "0";

/** Returns the entries of a menu about a user. */
export function sanctionEntries(number: number, name: string, ask: (sanction: Sanction) => void): readonly MenuEntry[] {
  const words = serverTexts.value.sanction;
  return [
    { label: words.kick, icon: "close", onSelect: () => ask({ kind: "kick", number, name }) },
    { label: words.mute, icon: "bellOff", onSelect: () => ask({ kind: "mute", number, name }) },
    { label: words.ban, icon: "ban", danger: true, onSelect: () => ask({ kind: "ban", number, name }) },
  ];
}

/** Asks for the duration and the reason of a sanction, and makes it. `onDone` is called after it was made. */
export function SanctionDialog({ sanction, onDone, onClose }: { sanction: Sanction; onDone: () => void; onClose: () => void }) {
  const all = serverTexts.value;
  const words = all.sanction;
  const { kind } = sanction;
  const [duration, setDuration] = useState(kind === "mute" ? "3600" : "86400");
  const [subject, setSubject] = useState("");
  const [room, setRoom] = useState("");
  const [reason, setReason] = useState("");
  const shown = kind === "any" ? "" : kind === "network" ? sanction.network : `${sanction.name} (${sanction.number})`;
  const face = {
    kick: [words.kickTitle(shown), words.kickNote, words.kickDo],
    mute: [words.muteTitle(shown), words.muteNote, duration === NONE ? words.unmute : words.muteDo],
    ban: [words.banTitle(shown), words.banNote, words.banDo],
    network: [words.banTitle(shown), words.networkNote, words.banDo],
    any: [all.bans.addTitle, words.anyNote, words.banDo],
  }[kind];
  const options: (readonly [string, string])[] = DURATIONS.map((each) => [String(each), durationText(each, intlLocale.value)]);
  options.push(kind === "mute" ? [NONE, words.unmute] : [FOREVER, words.forever]);

  const make = async () => {
    const made = sanction.kind === "any" ? { kind: "network" as const, network: subject.trim() } : sanction;
    toast({ text: await carryOut(made, duration, room.replace(/^#/, "").trim(), reason.trim()) });
    onDone();
  };
  return (
    <ActionDialog title={face[0]!} note={face[1]!} confirm={face[2]!} danger onConfirm={make} onClose={onClose}>
      {kind === "any" && <Field label={all.bans.subject} value={subject} onValue={setSubject} hint={all.bans.subjectHint} required autocomplete="off" />}
      {kind !== "kick" && <Select label={words.duration} value={duration} onValue={setDuration} options={options} />}
      {kind === "mute" && <Field label={words.room} value={room} onValue={setRoom} hint={words.roomHint} />}
      {!(kind === "mute" && duration === NONE) && <Field label={all.reason} value={reason} onValue={setReason} hint={all.reasonHint} maxLength={250} />}
    </ActionDialog>
  );
}

async function carryOut(sanction: Exclude<Sanction, { kind: "any" }>, duration: string, room: string, reason: string): Promise<string> {
  const words = serverTexts.value.sanction;
  if (sanction.kind === "kick") {
    const { streamCount } = await admin.kick({ user: String(sanction.number), reason });
    return words.kicked(sanction.name, streamCount);
  }
  if (sanction.kind === "mute") {
    const ends = duration === NONE;
    await admin.mute({ user: String(sanction.number), room, duration: durationOf(Number(duration)), reason: ends ? "" : reason });
    return ends ? words.unmuted(sanction.name) : words.muted(sanction.name);
  }
  const named = sanction.kind === "network" ? sanction.network : String(sanction.number);
  const subject = { case: isNetwork(named) ? ("network" as const) : ("user" as const), value: named };
  const ends = duration === FOREVER ? {} : { duration: durationOf(Number(duration)) };
  const { streamCount } = await admin.ban({ subject, reason, ...ends });
  return words.banned(sanction.kind === "network" ? sanction.network : sanction.name, streamCount);
}
