import type { ComponentChildren } from "preact";

import type { GetServerStatusResponse } from "../../gen/chat_grpc/v1/admin_pb.ts";
import { intlLocale } from "../../texts/index.ts";
import { serverTexts } from "../../texts/server/index.ts";
import { Chart } from "./Chart.tsx";
import { ratesOf, valuesOf, type Sample } from "./figures.ts";
import { durationText, millisecondsOf, percentText, rateText, sizeText, timeText, wholeText } from "./format.ts";
import { Table } from "./Table.tsx";

/** The longest and the shortest time that the charts cover, in milliseconds. */
export const SPAN = 5 * 60_000;
const SHORTEST_SPAN = 60_000;
const WARN_BEFORE = 14 * 86_400_000;

function Figure({ name, warn = false, children }: { name: string; warn?: boolean; children: ComponentChildren }) {
  return (
    <div class={`figure ${warn ? "warn" : ""}`}>
      <dt class="muted">{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** The state of the server in figures, with charts of the last minutes. */
export function Overview({ status, samples, now }: { status: GetServerStatusResponse; samples: readonly Sample[]; now: number }) {
  const words = serverTexts.value.overview;
  const locale = intlLocale.value;
  const whole = (value: number | bigint) => wholeText(value, locale);
  const size = (value: number) => sizeText(value, locale);
  const rate = (value: number) => rateText(value, locale);
  const started = millisecondsOf(status.startTime);
  const until = samples.at(-1)?.time ?? now;
  const span = Math.min(SPAN, Math.max(SHORTEST_SPAN, until - (samples[0]?.time ?? until)));
  const chart = { until, span };
  const lagging = status.mostLaggingStream;
  return (
    <div class="overview">
      <State status={status} now={now} />
      <p class="muted">
        {words.running(durationText((now - started) / 1000, locale), timeText(started, locale))} · {words.version(status.version, status.node)}
      </p>
      <div class="charts">
        <Chart {...chart} name={words.clients} points={valuesOf(samples, "clients")} format={whole} least={5} />
        <Chart {...chart} name={words.stored} points={ratesOf(samples, "stored")} format={rate} least={1} />
        <Chart {...chart} name={words.delivered} points={ratesOf(samples, "delivered")} format={rate} least={1} />
        <Chart {...chart} name={words.responses} points={ratesOf(samples, "responses")} format={rate} least={1} />
        <Chart {...chart} name={words.queued} points={valuesOf(samples, "queuedBytes")} format={size} least={1000} />
        <Chart {...chart} name={words.refusedRate} points={ratesOf(samples, "refused")} format={rate} least={1} />
        <Chart {...chart} name={words.cpu} points={ratesOf(samples, "cpu")} format={(value) => percentText(value, locale)} least={0.1} />
        <Chart {...chart} name={words.memory} points={valuesOf(samples, "memoryBytes")} format={size} least={1e6} />
      </div>
      <p class="muted chart-span">{words.span(durationText(span / 1000, locale))}</p>
      <dl class="figures">
        <Figure name={words.streams}>{whole(status.streamCount)}</Figure>
        {status.connectionCount !== undefined && <Figure name={words.connections}>{whole(status.connectionCount)}</Figure>}
        <Figure name={words.lagging} warn={status.laggingStreamCount > 0}>
          {whole(status.laggingStreamCount)}
          {lagging?.user && <small dir="auto">{words.farthest(lagging.user.name, whole(lagging.behind))}</small>}
        </Figure>
        <Figure name={words.head}>{whole(status.headSequence)}</Figure>
        <Figure name={words.oldest}>{whole(status.oldestSequence)}</Figure>
        <Figure name={words.indexed}>{whole(status.indexedSequence)}</Figure>
        <Figure name={words.store}>{size(Number(status.storeBytes))}</Figure>
        <Figure name={words.silent}>{whole(status.silentCallCount)}</Figure>
        <Figure name={words.refusedAdmin} warn={status.refusedAdminCallCount > 0n}>{whole(status.refusedAdminCallCount)}</Figure>
      </dl>
      <Refusals refusals={status.refusals} />
    </div>
  );
}

function State({ status, now }: { status: GetServerStatusResponse; now: number }) {
  const words = serverTexts.value.overview;
  const expires = status.certificateExpireTime && millisecondsOf(status.certificateExpireTime);
  const date = expires === undefined ? "" : timeText(expires, intlLocale.value);
  return (
    <div role="status" class="states">
      {status.draining && <p class="notice warning">{words.draining}</p>}
      {status.storageFull && <p class="notice error">{words.full}</p>}
      {!status.draining && !status.storageFull && <p class="notice success">{words.serving}</p>}
      {expires !== undefined && expires - now < WARN_BEFORE && (
        <p class={`notice ${expires <= now ? "error" : "warning"}`}>{expires <= now ? words.certificateExpired(date) : words.certificate(date)}</p>
      )}
    </div>
  );
}

function Refusals({ refusals }: { refusals: Record<string, bigint> }) {
  const words = serverTexts.value.overview;
  const rows = Object.entries(refusals).sort(([one, a], [two, b]) => (a === b ? (one < two ? -1 : 1) : a < b ? 1 : -1));
  return (
    <section>
      <h3>{words.refused}</h3>
      {rows.length === 0 ? (
        <p class="muted">{words.refusedNone}</p>
      ) : (
        <Table caption={words.refused} columns={[{ title: words.limit }, { title: words.count, end: true }]}>
          {rows.map(([name, count]) => (
            <tr key={name}>
              <td>
                <code>{name}</code>
              </td>
              <td class="end">{wholeText(count, intlLocale.value)}</td>
            </tr>
          ))}
        </Table>
      )}
    </section>
  );
}
