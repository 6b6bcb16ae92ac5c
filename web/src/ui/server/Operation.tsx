import { useEffect, useRef, useState } from "preact/hooks";

import type { GetServerStatusResponse } from "../../gen/chat_grpc/v1/admin_pb.ts";
import { intlLocale, texts } from "../../texts/index.ts";
import { serverTexts } from "../../texts/server/index.ts";
import { Button, Select, toast } from "../kit/index.ts";
import { ActionDialog } from "./ActionDialog.tsx";
import { admin, durationOf, errorText } from "./admin.ts";
import { IncompleteBackup, openSink, saveBackup, streamsToDisk } from "./backup.ts";
import { durationText, sizeText } from "./format.ts";

const DRAIN_SECONDS = [0, 10, 60, 300, 1800];

/** The backup, and the drain. */
export function Operation({ status }: { status: GetServerStatusResponse }) {
  return (
    <div class="operation">
      <Backup storeBytes={Number(status.storeBytes)} />
      <Drain streams={status.streamCount} />
    </div>
  );
}

type Progress = { state: "idle" } | { state: "running"; received: number; total: number } | { state: "done"; size: number } | { state: "failed"; text: string };

function Backup({ storeBytes }: { storeBytes: number }) {
  const words = serverTexts.value.operation;
  const locale = intlLocale.value;
  const [progress, setProgress] = useState<Progress>({ state: "idle" });
  const running = useRef<AbortController | null>(null);
  useEffect(() => () => running.current?.abort(), []);
  const start = async () => {
    const ended = (running.current = new AbortController());
    try {
      const sink = await openSink(`chat-grpc-${new Date().toISOString().slice(0, 10)}.db`);
      setProgress({ state: "running", received: 0, total: storeBytes });
      const size = await saveBackup(admin.backup({}, { signal: ended.signal }), sink, (received, total) => setProgress({ state: "running", received, total }));
      setProgress({ state: "done", size });
    } catch (error) {
      // The user chose no file, or cancelled.
      const cancelled = ended.signal.aborted || (error instanceof DOMException && error.name === "AbortError");
      const text = error instanceof IncompleteBackup ? words.backupIncomplete : errorText(error);
      setProgress(cancelled ? { state: "idle" } : { state: "failed", text });
    }
    running.current = null;
  };
  return (
    <section class="panel">
      <h3>{words.backup}</h3>
      <p>{words.backupNote}</p>
      {!streamsToDisk() && <p class="notice warning">{words.backupMemory(sizeText(storeBytes, locale))}</p>}
      {progress.state === "running" && (
        <div class="progress">
          <progress max={progress.total || 1} value={progress.received} aria-label={words.backup} />
          <span>{words.backupRuns(sizeText(progress.received, locale), sizeText(progress.total, locale))}</span>
          <Button onClick={() => running.current?.abort()}>{texts.value.common.cancel}</Button>
        </div>
      )}
      <div role="status">
        {progress.state === "done" && <p class="notice success">{words.backupDone(sizeText(progress.size, locale))}</p>}
        {progress.state === "failed" && <p class="notice error">{progress.text}</p>}
      </div>
      {progress.state !== "running" && (
        <Button icon="download" onClick={() => void start()}>
          {words.backupDo}
        </Button>
      )}
    </section>
  );
}

function Drain({ streams }: { streams: number }) {
  const words = serverTexts.value.operation;
  const [asked, setAsked] = useState(false);
  const [seconds, setSeconds] = useState("10");
  const drain = async () => {
    const { streamCount } = await admin.drain({ duration: durationOf(Number(seconds)) });
    toast({ text: words.drained(streamCount) });
  };
  return (
    <section class="panel">
      <h3>{words.drain}</h3>
      <p>{words.drainNote}</p>
      <Button kind="danger" onClick={() => setAsked(true)}>
        {words.drainDo}
      </Button>
      {asked && (
        <ActionDialog title={words.drainTitle} note={words.drainEffect(streams)} confirm={words.drainConfirm} danger onConfirm={drain} onClose={() => setAsked(false)}>
          <Select label={words.drainOver} value={seconds} onValue={setSeconds} options={DRAIN_SECONDS.map((each) => [String(each), durationText(each, intlLocale.value)])} />
        </ActionDialog>
      )}
    </section>
  );
}
