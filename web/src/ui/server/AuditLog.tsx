import { useState } from "preact/hooks";

import type { AuditEvent } from "../../gen/chat_grpc/v1/admin_pb.ts";
import { intlLocale } from "../../texts/index.ts";
import { serverTexts } from "../../texts/server/index.ts";
import { Field, Select } from "../kit/index.ts";
import { admin } from "./admin.ts";
import { METHOD_GROUPS, sentenceOf, type MethodGroup } from "./audit.ts";
import { millisecondsOf, timeText } from "./format.ts";
import { usePaged, useSettled } from "./hooks.ts";
import { ListEnd, Table } from "./Table.tsx";

/** The actions of admins as sentences, the newest first. */
export function AuditLog() {
  const all = serverTexts.value;
  const words = all.auditLog;
  const [filter, setFilter] = useState("");
  const [group, setGroup] = useState<MethodGroup>("all");
  const wanted = useSettled(filter.trim());
  const list = usePaged<AuditEvent>(
    async (pageToken, signal) => {
      const page = await admin.listAuditEvents({ pageToken, filter: wanted, methods: [...METHOD_GROUPS[group]] }, { signal });
      return { items: page.events, next: page.nextPageToken };
    },
    [wanted, group],
  );
  const columns = [{ title: words.time }, { title: words.action }, { title: all.reason }, { title: words.address }];
  return (
    <section class="list">
      <div class="filters">
        <Field label={all.filter} value={filter} onValue={setFilter} placeholder={words.filterHint} type="search" maxLength={100} />
        <Select label={words.kind} value={group} onValue={(value) => setGroup(value as MethodGroup)} options={Object.entries(words.groups)} />
      </div>
      {list.items && list.items.length > 0 && (
        <Table caption={words.caption} columns={columns}>
          {list.items.map((event, index) => (
            <tr key={index}>
              <td>{timeText(millisecondsOf(event.time), intlLocale.value, true)}</td>
              <td class="wrap" dir="auto">
                {sentenceOf(event, all.audit, intlLocale.value)}
              </td>
              <td class="wrap" dir="auto">
                {event.reason}
              </td>
              <td>{event.address}</td>
            </tr>
          ))}
        </Table>
      )}
      <ListEnd list={list} />
    </section>
  );
}
