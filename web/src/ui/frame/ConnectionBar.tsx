import { useEffect, useState } from "preact/hooks";
import { texts } from "../../texts/index.ts";
import { reasonText, useEngine } from "../engine.ts";
import { Button, Icon } from "../kit/index.ts";

/** Milliseconds for which a reconnect stays without a bar: most are shorter, and a flash only disturbs. */
const PATIENCE = 800;

/** A bar below the top edge while the page is not live. */
export function ConnectionBar() {
  const engine = useEngine();
  const connection = engine.connection.value;
  const now = useClock(connection.state === "waiting" || connection.state === "connecting");
  const t = texts.value.connection;
  if (connection.state === "waiting") {
    const seconds = Math.max(0, Math.ceil((connection.retryAt - now) / 1000));
    return (
      <div class="connection warning" role="status">
        <Icon name="wifiOff" />
        {/* The countdown changes each second: screen readers get the state alone. */}
        <span aria-hidden="true">{t.offlineIn(seconds)}</span>
        <span class="visually-hidden">{t.offlineShell}</span>
        <Button onClick={() => engine.reconnectNow()}>{t.tryNow}</Button>
      </div>
    );
  }
  if (connection.state === "stopped") {
    return (
      <div class="connection danger" role="alert">
        <Icon name="alert" />
        <span>{reasonText(connection.reason) ?? t.stopped}</span>
        <Button onClick={() => engine.reconnectNow()}>{t.reconnect}</Button>
      </div>
    );
  }
  if (connection.state === "connecting" && now - connection.since > PATIENCE) {
    return (
      <div class="connection" role="status">
        <span class="spinner" aria-hidden="true" />
        <span>{engine.me.value && connection.attempt === 0 ? t.catchingUp : t.connecting}</span>
      </div>
    );
  }
  return null;
}

/** Returns the time in ms, renewed four times a second while `runs`. */
function useClock(runs: boolean): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    if (!runs) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 250);
    return () => clearInterval(timer);
  }, [runs]);
  return now;
}
