import { useState } from "preact/hooks";

import type { Ban } from "../../gen/chat_grpc/v1/admin_pb.ts";
import { intlLocale } from "../../texts/index.ts";
import { serverTexts } from "../../texts/server/index.ts";
import { Button } from "../kit/index.ts";
import { admin } from "./admin.ts";
import { carryOut } from "./change.ts";
import { millisecondsOf, timeText } from "./format.ts";
import { usePaged } from "./hooks.ts";
import { SanctionDialog } from "./SanctionDialog.tsx";
import { ListEnd, Table } from "./Table.tsx";

/** The bans in force. */
export function Bans() {
  const all = serverTexts.value;
  const words = all.bans;
  const [adding, setAdding] = useState(false);
  const [removing, setRemoving] = useState("");
  const list = usePaged<Ban>(async (pageToken, signal) => {
    const page = await admin.listBans({ pageToken }, { signal });
    return { items: page.bans, next: page.nextPageToken };
  }, []);
  const remove = async (ban: Ban) => {
    setRemoving(ban.banId);
    await carryOut(admin.unban({ banId: ban.banId }), words.removed(ban.subject.value ?? ""), list.reload);
    setRemoving("");
  };
  const time = (at: Ban["createTime"]) => timeText(millisecondsOf(at), intlLocale.value);
  const columns = [{ title: words.subject }, { title: words.author }, { title: words.created }, { title: words.ends }, { title: all.reason }, { title: all.columnActions, hidden: true }];
  return (
    <section class="list">
      <div class="filters">
        <Button kind="primary" icon="add" onClick={() => setAdding(true)}>
          {words.add}
        </Button>
      </div>
      {list.items && list.items.length > 0 && (
        <Table caption={words.caption} columns={columns}>
          {list.items.map((ban) => (
            <tr key={ban.banId}>
              <th scope="row">
                <bdi>{ban.subject.value}</bdi> {ban.userNumber > 0 && <span class="muted">#{ban.userNumber}</span>}
              </th>
              <td>
                <bdi>{ban.author}</bdi>
              </td>
              <td>{time(ban.createTime)}</td>
              <td>{ban.expireTime ? time(ban.expireTime) : all.never}</td>
              <td class="wrap" dir="auto">
                {ban.reason}
              </td>
              <td class="end">
                <Button busy={removing === ban.banId} onClick={() => void remove(ban)}>
                  {words.remove}
                </Button>
              </td>
            </tr>
          ))}
        </Table>
      )}
      <ListEnd list={list} />
      {adding && <SanctionDialog sanction={{ kind: "any" }} onDone={list.reload} onClose={() => setAdding(false)} />}
    </section>
  );
}
