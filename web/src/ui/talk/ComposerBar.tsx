import type { Message } from "../../engine/api.ts";
import { texts } from "../../texts/index.ts";
import { Icon, IconButton } from "../kit/index.ts";
import { preview, useMessage } from "./Quote.tsx";

/** The line above the field: the message that is edited or answered. */
export function ComposerBar({ editing, replyTo, onCancel }: { editing: Message | null; replyTo: number; onCancel: () => void }) {
  const answered = useMessage(editing ? 0 : replyTo);
  const t = texts.value.talk;
  if (!editing && replyTo === 0) return null;
  const message = editing ?? answered;
  return (
    <div class="composer-bar">
      <Icon name={editing ? "edit" : "reply"} />
      <span class="composer-bar-title">{editing ? t.editing : t.replyingTo(answered?.author.name ?? "")}</span>
      <span class="truncate muted" dir="auto">
        {message ? preview(message) : ""}
      </span>
      <span class="spacer" />
      <IconButton icon="close" label={texts.value.common.cancel} onClick={onCancel} />
    </div>
  );
}
