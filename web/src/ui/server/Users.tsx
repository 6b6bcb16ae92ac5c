import { useState } from "preact/hooks";

import type { UserInfo } from "../../gen/chat_grpc/v1/admin_pb.ts";
import { serverTexts } from "../../texts/server/index.ts";
import { Button, Check, Field, MenuButton, toast, type MenuEntry } from "../kit/index.ts";
import { ActionDialog } from "./ActionDialog.tsx";
import { admin } from "./admin.ts";
import { carryOut } from "./change.ts";
import { usePaged, useSettled } from "./hooks.ts";
import { sanctionEntries, SanctionDialog, type Sanction } from "./SanctionDialog.tsx";
import { ListEnd, Table } from "./Table.tsx";

type Asked = { kind: "create" } | { kind: "password" | "remove"; name: string } | { kind: "sanction"; sanction: Sanction };

/** The accounts, with what an admin may do to each. */
export function Users() {
  const all = serverTexts.value;
  const words = all.users;
  const [filter, setFilter] = useState("");
  const [asked, setAsked] = useState<Asked | null>(null);
  const wanted = useSettled(filter.trim());
  const list = usePaged<UserInfo>(
    async (pageToken, signal) => {
      const page = await admin.listUsers({ pageToken, filter: wanted }, { signal });
      return { items: page.users, next: page.nextPageToken };
    },
    [wanted],
  );
  const setAdmin = ({ name, admin: revokes }: UserInfo) =>
    carryOut(admin.setUserAdmin({ name, admin: !revokes }), revokes ? words.revoked(name) : words.granted(name), list.reload);
  const entries = (user: UserInfo): readonly MenuEntry[] => [
    ...sanctionEntries(user.number, user.name, (sanction) => setAsked({ kind: "sanction", sanction })),
    "line",
    { label: words.setPassword, icon: "key", onSelect: () => setAsked({ kind: "password", name: user.name }) },
    { label: user.admin ? words.revoke : words.grant, icon: "star", onSelect: () => void setAdmin(user) },
    { label: words.remove, icon: "trash", danger: true, onSelect: () => setAsked({ kind: "remove", name: user.name }) },
  ];
  const columns = [{ title: words.number, end: true }, { title: words.name }, { title: words.role }, { title: words.state }, { title: all.columnActions, hidden: true }];
  return (
    <section class="list">
      <div class="filters">
        <Field label={all.filter} value={filter} onValue={setFilter} placeholder={words.filterHint} type="search" maxLength={100} />
        <Button kind="primary" icon="add" onClick={() => setAsked({ kind: "create" })}>
          {words.create}
        </Button>
      </div>
      {list.items && list.items.length > 0 && (
        <Table caption={words.caption} columns={columns}>
          {list.items.map((user) => (
            <tr key={user.number}>
              <td class="end">{user.number}</td>
              <th scope="row">
                <bdi>{user.name}</bdi>
              </th>
              <td>{user.admin ? words.admin : ""}</td>
              <td>{user.connected ? words.connected : ""}</td>
              <td class="end">
                <MenuButton label={all.actions(user.name)} entries={() => entries(user)} />
              </td>
            </tr>
          ))}
        </Table>
      )}
      <ListEnd list={list} />
      {asked?.kind === "sanction" && <SanctionDialog sanction={asked.sanction} onDone={list.reload} onClose={() => setAsked(null)} />}
      {asked?.kind === "create" && <CreateUser onDone={list.reload} onClose={() => setAsked(null)} />}
      {asked?.kind === "password" && <SetPassword name={asked.name} onClose={() => setAsked(null)} />}
      {asked?.kind === "remove" && <RemoveUser name={asked.name} onDone={list.reload} onClose={() => setAsked(null)} />}
    </section>
  );
}

function CreateUser({ onDone, onClose }: { onDone: () => void; onClose: () => void }) {
  const words = serverTexts.value.users;
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [isAdmin, setAdmin] = useState(false);
  const create = async () => {
    const { number } = await admin.createUser({ name, password, admin: isAdmin });
    toast({ text: words.created(name, number) });
    onDone();
  };
  return (
    <ActionDialog title={words.createTitle} confirm={words.createDo} onConfirm={create} onClose={onClose}>
      <Field label={words.name} value={name} onValue={setName} required autocomplete="off" />
      <Field label={words.password} value={password} onValue={setPassword} hint={words.passwordHint} type="password" required autocomplete="new-password" />
      <Check label={words.makeAdmin} hint={words.makeAdminHint} checked={isAdmin} onValue={setAdmin} />
    </ActionDialog>
  );
}

function SetPassword({ name, onClose }: { name: string; onClose: () => void }) {
  const words = serverTexts.value.users;
  const [password, setPassword] = useState("");
  const set = async () => {
    await admin.setUserPassword({ name, password });
    toast({ text: words.passwordSet(name) });
  };
  return (
    <ActionDialog title={words.setPasswordTitle(name)} note={words.setPasswordNote} confirm={words.setPasswordDo} onConfirm={set} onClose={onClose}>
      <Field label={words.password} value={password} onValue={setPassword} hint={words.passwordHint} type="password" required autocomplete="new-password" />
    </ActionDialog>
  );
}

function RemoveUser({ name, onDone, onClose }: { name: string; onDone: () => void; onClose: () => void }) {
  const words = serverTexts.value.users;
  const remove = async () => {
    await admin.removeUser({ name });
    toast({ text: words.removed(name) });
    onDone();
  };
  return <ActionDialog title={words.removeTitle(name)} note={words.removeNote} confirm={words.removeDo} danger onConfirm={remove} onClose={onClose} />;
}
