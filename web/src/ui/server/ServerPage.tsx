import { useEffect, useState } from "preact/hooks";

import type { GetServerStatusResponse } from "../../gen/chat_grpc/v1/admin_pb.ts";
import { texts } from "../../texts/index.ts";
import { serverTexts } from "../../texts/server/index.ts";
import { IconButton } from "../kit/index.ts";
import { admin, errorText, isRefusal } from "./admin.ts";
import { AuditLog } from "./AuditLog.tsx";
import { Bans } from "./Bans.tsx";
import { Explain } from "./Explain.tsx";
import { withSample, type Sample } from "./figures.ts";
import { millisecondsOf, secondsOf } from "./format.ts";
import { usePolled } from "./hooks.ts";
import { Invites } from "./Invites.tsx";
import { Mutes } from "./Mutes.tsx";
import { Operation } from "./Operation.tsx";
import { Overview, SPAN } from "./Overview.tsx";
import { Streams } from "./Streams.tsx";
import { Users } from "./Users.tsx";

const EVERY = 2000;
const TABS = ["overview", "streams", "users", "bans", "mutes", "invites", "audit", "message", "operation"] as const;
type Tab = (typeof TABS)[number];

function sampleOf(status: GetServerStatusResponse, time: number): Sample {
  return {
    time,
    started: millisecondsOf(status.startTime),
    stored: Number(status.storedCount),
    delivered: Number(status.deliveredCount),
    responses: Number(status.responseCount),
    refused: Object.values(status.refusals).reduce((sum, each) => sum + Number(each), 0),
    cpu: secondsOf(status.cpuTime),
    clients: status.clientCount,
    queuedBytes: Number(status.queuedBytes),
    memoryBytes: Number(status.memoryBytes),
  };
}

export interface ServerPageProps {
  /** The tab in the address; an unknown one is the overview. */
  part: string;
  onPart: (part: string) => void;
  /** Leaves the page. */
  onBack: () => void;
}

/** The console of the server, for admins. The server refuses its methods to others; the page then says so. */
export function ServerPage({ part, onPart, onBack }: ServerPageProps) {
  const words = serverTexts.value;
  const tab = TABS.find((each) => each === part) ?? "overview";
  const [samples, setSamples] = useState<readonly Sample[]>([]);
  const polled = usePolled((signal) => admin.getServerStatus({}, { signal }), EVERY, []);
  const status = polled.value;
  useEffect(() => {
    if (status) setSamples((old) => withSample(old, sampleOf(status, Date.now()), SPAN));
  }, [status]);
  const now = Date.now();
  if (polled.error !== undefined && isRefusal(polled.error)) {
    return (
      <div class="server-page">
        <h2>{words.title}</h2>
        <p class="notice error" role="alert">
          {words.notAllowed}
        </p>
      </div>
    );
  }
  return (
    <div class="server-page">
      <header class="server-head">
        <IconButton icon="back" label={words.back} onClick={onBack} />
        <h2>{words.title}</h2>
      </header>
      <Tabs tab={tab} onTab={onPart} />
      <div class="server-body" role="tabpanel" tabIndex={0} id="server-panel" aria-labelledby={`server-tab-${tab}`}>
        {polled.error !== undefined && (
          <p class="notice error" role="alert">
            {words.old(errorText(polled.error))}
          </p>
        )}
        {status === undefined && polled.error === undefined && <p class="muted">{texts.value.common.loading}</p>}
        {tab === "overview" && status && <Overview status={status} samples={samples} now={now} />}
        {tab === "streams" && <Streams now={now} />}
        {tab === "users" && <Users />}
        {tab === "bans" && <Bans />}
        {tab === "mutes" && <Mutes />}
        {tab === "invites" && <Invites now={now} />}
        {tab === "audit" && <AuditLog />}
        {tab === "message" && <Explain />}
        {tab === "operation" && status && <Operation status={status} />}
      </div>
    </div>
  );
}

/** The tabs: arrows move between them, as in each list of tabs. */
function Tabs({ tab, onTab }: { tab: Tab; onTab: (tab: Tab) => void }) {
  const words = serverTexts.value;
  useEffect(() => {
    // In a narrow window the chosen tab may be beyond the edge.
    document.getElementById(`server-tab-${tab}`)?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [tab]);
  const step = (event: KeyboardEvent) => {
    const at = TABS.indexOf(tab);
    const forward = getComputedStyle(event.currentTarget as Element).direction === "rtl" ? "ArrowLeft" : "ArrowRight";
    const back = forward === "ArrowLeft" ? "ArrowRight" : "ArrowLeft";
    const moves: Partial<Record<string, number>> = { [forward]: at + 1, [back]: at - 1, Home: 0, End: -1 };
    const to = moves[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const chosen = TABS.at(to % TABS.length)!;
    onTab(chosen);
    document.getElementById(`server-tab-${chosen}`)?.focus();
  };
  return (
    <div class="server-tabs" role="tablist" aria-label={words.title} onKeyDown={step}>
      {TABS.map((each) => (
        <button key={each} type="button" role="tab" id={`server-tab-${each}`} aria-selected={each === tab} aria-controls="server-panel" tabIndex={each === tab ? 0 : -1} onClick={() => onTab(each)}>
          {words.tabs[each]}
        </button>
      ))}
    </div>
  );
}
