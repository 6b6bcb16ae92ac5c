import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { VirtualList } from "../../list/VirtualList.tsx";
import { Rows, type Row } from "../../talk/rows.ts";
import { intlLocale, texts } from "../../texts/index.ts";
import { errorText } from "../engine.ts";
import { Button, Icon } from "../kit/index.ts";
import { composer } from "./field.ts";
import { DayLine, NewLine, NoticeLine } from "./Lines.tsx";
import { MessageRow } from "./MessageRow.tsx";
import { useTalk } from "./state.ts";

function draw(row: Row) {
  switch (row.kind) {
    case "day":
      return <DayLine time={row.time} />;
    case "new":
      return <NewLine />;
    case "notice":
      return <NoticeLine notice={row.notice} />;
    case "message":
      return <MessageRow message={row.message} head={row.head} />;
  }
}

/** The messages of the open conversation. */
export function MessageList() {
  const talk = useTalk();
  const { conversation } = talk;
  const maker = useMemo(() => new Rows(), [conversation]);
  const messages = conversation.messages.value;
  const notices = conversation.notices.value;
  const newAfter = conversation.newAfter.value;
  const rows = useMemo(() => maker.make(messages, notices, newAfter), [messages, notices, newAfter]);
  const [atEnd, setAtEnd] = useState(true);
  const seen = useRef(0);
  const hasNewer = conversation.hasNewer.value;
  const last = messages.findLast((each) => each.sequence > 0)?.sequence ?? 0;
  const live = atEnd && !hasNewer;
  if (live || seen.current === 0) seen.current = last;
  useRead(live, last);
  const count = live ? 0 : messages.filter((each) => !each.mine && each.sequence > seen.current).length;
  const t = texts.value.talk;
  const onPlace = (place: { atEnd: boolean; nearStart: boolean; nearEnd: boolean }) => {
    setAtEnd(place.atEnd);
    if (conversation.loading.peek() !== "none" || conversation.loadError.peek() !== undefined) return;
    // A failed load is shown by `loadError`, with a button.
    if (place.nearStart && conversation.hasOlder.peek()) conversation.loadOlder().catch(() => undefined);
    else if (place.nearEnd && conversation.hasNewer.peek()) conversation.loadNewer().catch(() => undefined);
  };
  return (
    <div class="messages">
      <LoadState />
      {rows.length === 0 && conversation.loading.value === "none" && conversation.loadError.value === undefined && <p class="messages-empty muted">{t.empty}</p>}
      <VirtualList
        rows={rows}
        sticks={!hasNewer}
        render={draw}
        version={intlLocale.value}
        pinned={talk.activeKey.value}
        label={t.messages}
        handle={talk.list}
        onPlace={onPlace}
        onKeyDown={(event) => onKey(event, talk)}
      />
      {!live && messages.length > 0 && (
        <Button class="to-newest" icon="arrowDown" onClick={() => void talk.jumpToNewest()}>
          {count > 0 ? t.newMessages(count) : t.toNewest}
        </Button>
      )}
    </div>
  );
}

/** Move the read marker while the newest messages are seen. */
function useRead(live: boolean, last: number): void {
  const { conversation } = useTalk();
  useEffect(() => {
    const mark = () => {
      if (live && last > 0 && document.visibilityState === "visible") conversation.markRead();
    };
    mark();
    document.addEventListener("visibilitychange", mark);
    return () => document.removeEventListener("visibilitychange", mark);
  }, [conversation, live, last]);
}

function LoadState() {
  const { conversation, engine } = useTalk();
  const error = conversation.loadError.value;
  if (error !== undefined) {
    const room = conversation.summary.value.room?.name ?? conversation.key.slice(1);
    const join = error.reason === "NOT_A_MEMBER" && conversation.key.startsWith("#");
    const again = () => conversation.loadNewest().catch(() => undefined); // shown here again
    return (
      <div class="load-error notice error" role="alert">
        <Icon name="alert" />
        <span>{errorText(error)}</span>
        {join ? <Button onClick={() => void engine.join(room).then(again, again)}>{texts.value.talk.join}</Button> : <Button onClick={() => void again()}>{texts.value.common.retry}</Button>}
      </div>
    );
  }
  return conversation.loading.value === "none" ? null : (
    <div class="loading" role="status">
      <span class="spinner" aria-hidden="true" />
      <span class="visually-hidden">{texts.value.common.loading}</span>
    </div>
  );
}

/** The keys of a message that has the focus: arrows move, letters act. */
function onKey(event: KeyboardEvent, talk: ReturnType<typeof useTalk>): void {
  const row = event.target as HTMLElement;
  if (!row.matches("[data-row]") || event.ctrlKey || event.metaKey || event.altKey) return;
  const messages = talk.conversation.messages.peek();
  const at = messages.findIndex((each) => each.id === talk.activeKey.peek());
  const message = messages[at];
  const move = (to: number) => {
    const next = messages[Math.max(0, Math.min(messages.length - 1, to))];
    if (next === undefined) return;
    talk.active.value = next.id;
    talk.list.current?.focusRow(next.id);
  };
  const writes = talk.mayWrite.peek() && message !== undefined && message.sequence > 0 && !message.deleted;
  const menu = () => row.querySelector<HTMLElement>("[data-menu]")?.click();
  const actions: Record<string, (() => void) | undefined> = {
    ArrowUp: () => move(at - 1),
    ArrowDown: () => (at === messages.length - 1 ? composer.current?.focus() : move(at + 1)),
    Home: () => move(0),
    End: () => move(messages.length - 1),
    Escape: () => composer.current?.focus(),
    Enter: menu,
    ContextMenu: menu,
    F10: event.shiftKey ? menu : undefined,
    r: writes ? () => talk.reply(message) : undefined,
    "+": writes ? () => (talk.reacting.value = { message, beside: row }) : undefined,
    e: writes && message.mine ? () => talk.edit(message) : undefined,
    Delete: message !== undefined && message.sequence > 0 && !message.deleted && talk.mayDelete(message) ? () => (talk.deleting.value = message) : undefined,
  };
  const action = actions[event.key];
  if (action === undefined) return;
  event.preventDefault();
  action();
}
