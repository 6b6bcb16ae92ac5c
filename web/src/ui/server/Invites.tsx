import { useId, useState } from "preact/hooks";

import type { Invite } from "../../gen/chat_grpc/v1/admin_pb.ts";
import { intlLocale } from "../../texts/index.ts";
import { serverTexts } from "../../texts/server/index.ts";
import { Button, Dialog, DialogBody, Field, Select, toast } from "../kit/index.ts";
import { ActionDialog } from "./ActionDialog.tsx";
import { admin, durationOf } from "./admin.ts";
import { carryOut } from "./change.ts";
import { durationText, millisecondsOf, timeText, wholeText } from "./format.ts";
import { usePaged } from "./hooks.ts";
import { ListEnd, Table } from "./Table.tsx";

const LIFETIMES = [3600, 86_400, 7 * 86_400, 30 * 86_400, 365 * 86_400];

/** The invite codes: create, copy, revoke. */
export function Invites({ now }: { now: number }) {
  const all = serverTexts.value;
  const words = all.invites;
  const [creating, setCreating] = useState(false);
  const [code, setCode] = useState("");
  const list = usePaged<Invite>(async (pageToken, signal) => {
    const page = await admin.listInvites({ pageToken }, { signal });
    return { items: page.invites, next: page.nextPageToken };
  }, []);
  const revoke = ({ inviteId }: Invite) => carryOut(admin.revokeInvite({ inviteId }), words.revoked(inviteId), list.reload);
  const columns = [{ title: words.id }, { title: words.author }, { title: words.expires }, { title: words.used, end: true }, { title: all.columnActions, hidden: true }];
  return (
    <section class="list">
      <div class="filters">
        <Button kind="primary" icon="add" onClick={() => setCreating(true)}>
          {words.create}
        </Button>
      </div>
      {list.items && list.items.length > 0 && (
        <Table caption={words.caption} columns={columns}>
          {list.items.map((invite) => (
            <tr key={invite.inviteId}>
              <th scope="row">{invite.inviteId}</th>
              <td>
                <bdi>{invite.author}</bdi>
              </td>
              <td>{millisecondsOf(invite.expireTime) <= now ? words.expired : timeText(millisecondsOf(invite.expireTime), intlLocale.value)}</td>
              <td class="end">{invite.used >= invite.uses ? words.usedUp : words.usedOf(wholeText(invite.used, intlLocale.value), wholeText(invite.uses, intlLocale.value))}</td>
              <td class="end">
                <Button onClick={() => void revoke(invite)}>{words.revoke}</Button>
              </td>
            </tr>
          ))}
        </Table>
      )}
      <ListEnd list={list} />
      {creating && (
        <CreateInvite
          onClose={() => setCreating(false)}
          onMade={(made) => {
            setCode(made);
            list.reload();
          }}
        />
      )}
      {code !== "" && !creating && <MadeInvite code={code} onClose={() => setCode("")} />}
    </section>
  );
}

function CreateInvite({ onMade, onClose }: { onMade: (code: string) => void; onClose: () => void }) {
  const words = serverTexts.value.invites;
  const [uses, setUses] = useState("1");
  const [lifetime, setLifetime] = useState(String(LIFETIMES[2]));
  const valid = /^\d{1,5}$/.test(uses) && Number(uses) >= 1 && Number(uses) <= 10_000;
  const create = async () => {
    const made = await admin.createInvite({ uses: Number(uses), lifetime: durationOf(Number(lifetime)) });
    onMade(made.inviteCode);
  };
  return (
    <ActionDialog
      title={words.createTitle}
      confirm={words.createDo}
      onConfirm={() => (valid ? create() : Promise.reject(new Error(words.usesError)))}
      onClose={onClose}
    >
      <Field label={words.uses} value={uses} onValue={setUses} inputMode="numeric" error={valid ? undefined : words.usesError} required />
      <Select label={words.lifetime} value={lifetime} onValue={setLifetime} options={LIFETIMES.map((each) => [String(each), durationText(each, intlLocale.value)])} />
    </ActionDialog>
  );
}

function MadeInvite({ code, onClose }: { code: string; onClose: () => void }) {
  const words = serverTexts.value.invites;
  const link = new URL(`#invite=${encodeURIComponent(code)}`, document.baseURI).href;
  const copy = (text: string) =>
    navigator.clipboard.writeText(text).then(
      () => toast({ text: words.copied }),
      () => toast({ kind: "error", text: words.notCopied }),
    );
  return (
    <Dialog title={words.createTitle} onClose={onClose}>
      <DialogBody>
        <p>{words.made}</p>
        <Copied label={words.code} text={code} button={words.copyCode} onCopy={copy} />
        <Copied label={words.link} text={link} button={words.copyLink} onCopy={copy} />
      </DialogBody>
    </Dialog>
  );
}

function Copied({ label, text, button, onCopy }: { label: string; text: string; button: string; onCopy: (text: string) => void }) {
  const id = useId();
  return (
    <div class="copied">
      <div class="field">
        <label class="field-label" for={id}>
          {label}
        </label>
        <input id={id} class="input" value={text} readOnly onFocus={(event) => event.currentTarget.select()} />
      </div>
      <Button icon="copy" onClick={() => onCopy(text)}>
        {button}
      </Button>
    </div>
  );
}
