import { useEffect, useState } from "preact/hooks";
import type { Message } from "../../engine/api.ts";
import { parse } from "../../markdown/blocks.ts";
import { plain } from "../../markdown/tree.ts";
import { texts } from "../../texts/index.ts";
import { Icon, personClass } from "../kit/index.ts";
import { useTalk } from "./state.ts";

const LENGTH = 160;

/** Return a message's text in one line. */
export function preview(message: Message): string {
  if (message.deleted) return texts.value.talk.deleted;
  return plain(parse(message.text.slice(0, 4 * LENGTH))).replace(/\s+/g, " ").slice(0, LENGTH);
}

/** Return a message by its sequence: undefined while it is loaded, null if it may not be read. */
export function useMessage(sequence: number): Message | null | undefined {
  const { conversation } = useTalk();
  const here = conversation.messages.value.find((each) => each.sequence === sequence);
  const [found, setFound] = useState<Message | null | undefined>();
  useEffect(() => {
    if (here !== undefined || sequence === 0) return;
    let wanted = true;
    const show = (message: Message | null) => {
      if (wanted) setFound(message);
    };
    // A quote that cannot be loaded says so by itself.
    conversation.find(sequence).then((message) => show(message ?? null), () => show(null));
    return () => {
      wanted = false;
    };
  }, [conversation, sequence, here === undefined]);
  return here ?? found;
}

/** The quote above a reply; a click leads to the original. */
export function Quote({ sequence }: { sequence: number }) {
  const talk = useTalk();
  const message = useMessage(sequence);
  const t = texts.value.talk;
  if (message === undefined || message === null) {
    return <span class="quote muted">{message === null ? t.quoteMissing : texts.value.common.loading}</span>;
  }
  return (
    <button type="button" class="quote" title={t.toOriginal} onClick={() => void talk.jump(sequence)}>
      <Icon name="reply" />
      <span class="visually-hidden">{t.reply}</span>
      <span class={`name ${personClass(message.author.number)}`} dir="auto">
        {message.author.name}
      </span>
      <span class="truncate" dir="auto">
        {preview(message)}
      </span>
    </button>
  );
}
