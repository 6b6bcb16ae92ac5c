import { useState } from "preact/hooks";

import type { Mute } from "../../gen/chat_grpc/v1/admin_pb.ts";
import { intlLocale } from "../../texts/index.ts";
import { serverTexts } from "../../texts/server/index.ts";
import { Button, Field } from "../kit/index.ts";
import { admin, durationOf } from "./admin.ts";
import { carryOut } from "./change.ts";
import { millisecondsOf, timeText } from "./format.ts";
import { usePaged, useSettled } from "./hooks.ts";
import { ListEnd, Table } from "./Table.tsx";

const keyOf = (mute: Mute) => `${mute.user?.number} ${mute.room}`;

/** The mutes in force, of one room or of all. */
export function Mutes() {
  const all = serverTexts.value;
  const words = all.mutes;
  const [room, setRoom] = useState("");
  const [removing, setRemoving] = useState("");
  const wanted = useSettled(room.replace(/^#/, "").trim());
  const list = usePaged<Mute>(
    async (pageToken, signal) => {
      const page = await admin.listMutes({ pageToken, room: wanted }, { signal });
      return { items: page.mutes, next: page.nextPageToken };
    },
    [wanted],
  );
  const remove = async (mute: Mute) => {
    setRemoving(keyOf(mute));
    const lifted = admin.mute({ user: String(mute.user?.number), room: mute.room, duration: durationOf(0) });
    await carryOut(lifted, all.sanction.unmuted(mute.user?.name ?? ""), list.reload);
    setRemoving("");
  };
  const time = (at: Mute["createTime"]) => (at ? timeText(millisecondsOf(at), intlLocale.value) : "");
  const columns = [{ title: words.subject }, { title: words.where }, { title: words.author }, { title: words.created }, { title: words.ends }, { title: all.reason }, { title: all.columnActions, hidden: true }];
  // After a refusal the list is that of another room.
  const items = list.error === undefined ? (list.items ?? []) : [];
  return (
    <section class="list">
      <div class="filters">
        <Field label={all.sanction.room} value={room} onValue={setRoom} placeholder={words.roomHint} type="search" maxLength={100} />
      </div>
      {items.length > 0 && (
        <Table caption={words.caption} columns={columns}>
          {items.map((mute) => (
            <tr key={keyOf(mute)}>
              <th scope="row">
                <bdi>{mute.user?.name}</bdi> <span class="muted">#{mute.user?.number}</span>
              </th>
              <td>{mute.room ? <bdi>#{mute.room}</bdi> : words.everywhere}</td>
              <td>
                <bdi>{mute.author}</bdi>
              </td>
              <td>{time(mute.createTime)}</td>
              <td>{time(mute.expireTime)}</td>
              <td class="wrap" dir="auto">
                {mute.reason}
              </td>
              <td class="end">
                <Button busy={removing === keyOf(mute)} onClick={() => void remove(mute)}>
                  {words.remove}
                </Button>
              </td>
            </tr>
          ))}
        </Table>
      )}
      <ListEnd list={list} />
    </section>
  );
}
