import { useState } from "preact/hooks";

import { StreamOrder, type StreamInfo } from "../../gen/chat_grpc/v1/admin_pb.ts";
import { intlLocale } from "../../texts/index.ts";
import { serverTexts } from "../../texts/server/index.ts";
import { Button, Field, MenuButton, Select } from "../kit/index.ts";
import { admin, errorText } from "./admin.ts";
import { durationText, millisecondsOf, secondsOf, sizeText, wholeText } from "./format.ts";
import { usePolled, useSettled } from "./hooks.ts";
import { sanctionEntries, SanctionDialog, type Sanction } from "./SanctionDialog.tsx";
import { Table, type Column } from "./Table.tsx";

const PAGE = 50;
const EVERY = 2000;

const ORDERS = { oldest: StreamOrder.OLDEST, newest: StreamOrder.NEWEST, queue: StreamOrder.QUEUE, lag: StreamOrder.LAG, name: StreamOrder.NAME };
type Order = keyof typeof ORDERS;

/** The open streams: sorted, filtered and paged by the server, with actions for each. */
export function Streams({ now }: { now: number }) {
  const all = serverTexts.value;
  const words = all.streams;
  const [order, setOrder] = useState<Order>("queue");
  const [filter, setFilter] = useState("");
  const [skip, setSkip] = useState(0);
  const [sanction, setSanction] = useState<Sanction | null>(null);
  const wanted = useSettled(filter.trim());
  const polled = usePolled((signal) => admin.listStreams({ order: ORDERS[order], pageSize: PAGE, filter: wanted, skip }, { signal }), EVERY, [order, wanted, skip]);
  const choose = (chosen: Order) => {
    setOrder(chosen);
    setSkip(0);
  };
  const sorted = (column: string, by: Order, direction: "ascending" | "descending") => ({
    direction: order === by ? direction : ("none" as const),
    label: words.sort(column),
    onSort: () => choose(by),
  });
  const columns: Column[] = [
    { title: words.user, sort: sorted(words.user, "name", "ascending") },
    { title: words.state, sort: sorted(words.state, "lag", "descending") },
    { title: words.queue, end: true, sort: sorted(words.queue, "queue", "descending") },
    { title: words.window, end: true },
    {
      title: words.open,
      end: true,
      sort: { ...sorted(words.open, "oldest", "descending"), ...(order === "newest" ? { direction: "ascending" as const } : {}), onSort: () => choose(order === "oldest" ? "newest" : "oldest") },
    },
    { title: words.address },
    { title: words.agent },
    { title: all.columnActions, hidden: true },
  ];
  const found = polled.value;
  return (
    <section class="list">
      <div class="filters">
        <Field
          label={all.filter}
          value={filter}
          onValue={(text) => {
            setFilter(text);
            setSkip(0);
          }}
          placeholder={words.filterHint}
          type="search"
          maxLength={100}
        />
        <Select label={words.order} value={order} onValue={(value) => choose(value as Order)} options={Object.entries(words.orders)} />
      </div>
      {polled.error !== undefined && (
        <p class="notice error" role="alert">
          {errorText(polled.error)}
        </p>
      )}
      {found && (
        <>
          <Table caption={words.caption} columns={columns}>
            {found.streams.map((each) => (
              <Row key={String(each.streamNumber)} stream={each} now={now} ask={setSanction} />
            ))}
          </Table>
          <Pager skip={skip} count={found.streams.length} all={found.matchingCount} onSkip={setSkip} />
        </>
      )}
      {sanction && <SanctionDialog sanction={sanction} onDone={polled.refresh} onClose={() => setSanction(null)} />}
    </section>
  );
}

function Row({ stream, now, ask }: { stream: StreamInfo; now: number; ask: (sanction: Sanction) => void }) {
  const all = serverTexts.value;
  const locale = intlLocale.value;
  const name = stream.user?.name ?? "";
  const number = stream.user?.number ?? 0;
  const entries = () => [
    ...sanctionEntries(number, name, ask),
    stream.address !== "unix" && { label: all.sanction.banNetwork, icon: "globe" as const, danger: true, onSelect: () => ask({ kind: "network", network: stream.address }) },
  ];
  return (
    <tr class={stream.catchingUp ? "warn" : ""}>
      <th scope="row">
        <bdi>{name}</bdi> <span class="muted">#{number}</span>
      </th>
      <td>{stateText(stream)}</td>
      <td class="end">{sizeText(Number(stream.queuedBytes), locale)}</td>
      <td class="end">{stream.windowBytes === undefined ? "–" : sizeText(Number(stream.windowBytes), locale)}</td>
      <td class="end">{durationText((now - millisecondsOf(stream.openTime)) / 1000, locale)}</td>
      <td>{stream.address}</td>
      <td>
        <bdi>{stream.agent}</bdi>
      </td>
      <td class="end">
        <MenuButton label={all.actions(name)} entries={entries} />
      </td>
    </tr>
  );
}

function stateText(stream: StreamInfo): string {
  const words = serverTexts.value.streams;
  if (stream.catchingUp) return words.behind(wholeText(stream.behind, intlLocale.value));
  const stalled = secondsOf(stream.stalledTime);
  return stalled >= 1 ? words.stalls(durationText(stalled, intlLocale.value)) : words.live;
}

function Pager({ skip, count, all, onSkip }: { skip: number; count: number; all: number; onSkip: (skip: number) => void }) {
  const words = serverTexts.value.streams;
  const whole = (value: number) => wholeText(value, intlLocale.value);
  return (
    <div class="pager">
      <span class="muted" role="status">
        {all === 0 ? serverTexts.value.none : words.shown(whole(Math.min(skip + 1, all)), whole(skip + count), whole(all))}
      </span>
      <span class="spacer" />
      <Button disabled={skip === 0} onClick={() => onSkip(Math.max(0, skip - PAGE))}>
        {words.previous}
      </Button>
      <Button disabled={skip + count >= all} onClick={() => onSkip(skip + PAGE)}>
        {words.next}
      </Button>
    </div>
  );
}
