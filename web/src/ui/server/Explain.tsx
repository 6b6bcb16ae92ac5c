import { useState } from "preact/hooks";

import { StreamDelivery_State as State, type ExplainMessageResponse } from "../../gen/chat_grpc/v1/admin_pb.ts";
import { intlLocale } from "../../texts/index.ts";
import { serverTexts } from "../../texts/server/index.ts";
import { Button, Field } from "../kit/index.ts";
import { admin, errorText } from "./admin.ts";
import { millisecondsOf, sizeText, timeText } from "./format.ts";
import { Table } from "./Table.tsx";

/** Says where a message is: its state on each open stream that may receive it. */
export function Explain() {
  const words = serverTexts.value.message;
  const [sequence, setSequence] = useState("");
  const [told, setTold] = useState<ExplainMessageResponse | null>(null);
  const [error, setError] = useState("");
  const [busy, setBusy] = useState(false);
  const ask = async () => {
    if (busy) return;
    setTold(null);
    setError("");
    if (!/^[1-9]\d{0,17}$/.test(sequence.trim())) {
      setError(words.sequenceError);
      return;
    }
    setBusy(true);
    try {
      setTold(await admin.explainMessage({ sequence: BigInt(sequence.trim()) }));
    } catch (failure) {
      setError(errorText(failure));
    }
    setBusy(false);
  };
  return (
    <section class="list">
      <p>{words.note}</p>
      <form
        class="filters"
        onSubmit={(event) => {
          event.preventDefault();
          void ask();
        }}
      >
        <Field label={words.sequence} value={sequence} onValue={setSequence} hint={words.sequenceHint} error={error || undefined} inputMode="numeric" />
        <Button type="submit" kind="primary" busy={busy}>
          {words.explain}
        </Button>
      </form>
      <div aria-live="polite">{told && <Told told={told} />}</div>
    </section>
  );
}

function Told({ told }: { told: ExplainMessageResponse }) {
  const all = serverTexts.value;
  const words = all.message;
  const states = { [State.UNSPECIFIED]: words.unknown, [State.WAITING]: words.waiting, [State.WRITTEN]: words.written, [State.NOT_MEANT]: words.notMeant, [State.UNKNOWN]: words.unknown };
  const columns = [{ title: words.stream, end: true }, { title: all.streams.user }, { title: all.streams.state }, { title: all.streams.queue, end: true }];
  return (
    <>
      <p>
        {words.stored(timeText(millisecondsOf(told.storeTime), intlLocale.value, true))} {told.deliveries.length === 0 && words.nobody}
      </p>
      {told.deliveries.length > 0 && (
        <>
          <Table caption={words.note} columns={columns}>
            {told.deliveries.map((each) => (
              <tr key={String(each.streamNumber)} class={each.state === State.WAITING ? "warn" : ""}>
                <td class="end">{String(each.streamNumber)}</td>
                <th scope="row">
                  <bdi>{each.user?.name}</bdi> <span class="muted">#{each.user?.number}</span>
                </th>
                <td>{states[each.state]}</td>
                <td class="end">{sizeText(Number(each.queuedBytes), intlLocale.value)}</td>
              </tr>
            ))}
          </Table>
          <p class="muted">{words.legend}</p>
        </>
      )}
    </>
  );
}
