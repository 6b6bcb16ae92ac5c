import { useEffect, useState } from "preact/hooks";
import type { ChatError } from "../../engine/api.ts";
import { clockTime } from "../../talk/times.ts";
import { intlLocale, texts } from "../../texts/index.ts";
import { errorText } from "../engine.ts";
import { Icon } from "../kit/index.ts";
import { useTalk } from "./state.ts";

/** The line below the field: the last refusal with the time to wait, the size of the text, and typing users. */
export function ComposerNote({ error, left }: { error: string | null; left: number | null }) {
  const talk = useTalk();
  const failed = talk.conversation.messages.value.findLast((each) => each.mine && each.sequence === 0 && each.state === "failed");
  const refusal = failed?.error;
  const t = texts.value.talk;
  return (
    <div class="composer-note" id="composer-note">
      {error !== null && (
        <span class="note-error" role="alert">
          <Icon name="alert" />
          {error}
        </span>
      )}
      {refusal !== undefined && <Refusal key={failed?.id} error={refusal} />}
      {left !== null && <span class={left < 0 ? "note-error" : ""}>{left < 0 ? t.tooLong(-left) : t.bytesLeft(left)}</span>}
      <span class="spacer" />
      <Typing />
    </div>
  );
}

/** A refusal of a message, with the seconds until a retry may succeed. */
function Refusal({ error }: { error: ChatError }) {
  const until = Number(new Date(error.metadata["expire_time"] ?? NaN));
  const [end] = useState(() => Date.now() + (error.retryAfter ?? 0));
  const [now, setNow] = useState(Date.now);
  const waiting = end > now;
  useEffect(() => {
    if (!waiting) return;
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, [waiting]);
  const wait = error.reason === "MUTED" && until > now ? texts.value.talk.until(clockTime(intlLocale.value, until)) : waiting ? texts.value.common.retryIn(Math.ceil((end - now) / 1000)) : "";
  const text = error.reason === "RATE_LIMITED" ? texts.value.talk.tooFast : errorText(error);
  return (
    <span class="note-error">
      <Icon name="clock" />
      {text} {wait}
    </span>
  );
}

function Typing() {
  const { conversation } = useTalk();
  const names = conversation.typing.value.map((each) => each.name);
  return (
    <span class="typing" dir="auto">
      {names.length > 0 && texts.value.talk.typing(names)}
    </span>
  );
}
