import { useEffect, useLayoutEffect, useMemo, useState } from "preact/hooks";
import type { ConversationKey } from "../../engine/api.ts";
import { texts } from "../../texts/index.ts";
import { useEngine } from "../engine.ts";
import { Button, Dialog, DialogActions, DialogBody } from "../kit/index.ts";
import { Composer } from "./Composer.tsx";
import { EmojiPicker } from "./EmojiPicker.tsx";
import { composer } from "./field.ts";
import { Header } from "./Header.tsx";
import { MessageList } from "./MessageList.tsx";
import { preview } from "./Quote.tsx";
import { SearchPanel } from "./SearchPanel.tsx";
import { Talk, TalkContext, useTalk } from "./state.ts";

/** An open conversation; `message` is the sequence to show. Its `key` in the page must be that of the conversation. */
export function Conversation({ of, message }: { of: ConversationKey; message: number | undefined }) {
  const engine = useEngine();
  const talk = useMemo(() => new Talk(engine, engine.open(of, message)), [engine, of]);
  const [searching, setSearching] = useState(false);
  const { conversation } = talk;
  useEffect(() => () => conversation.close(), [conversation]);
  useEffect(() => {
    if (message !== undefined) void talk.jump(message);
  }, [talk, message]);
  useEffect(() => {
    // On a phone the keyboard would cover the messages.
    if (message === undefined && matchMedia("(pointer: fine)").matches) composer.current?.focus();
  }, [talk]);
  return (
    <TalkContext.Provider value={talk}>
      <Header searching={searching} onSearch={() => setSearching(!searching)} />
      {searching && <SearchPanel within={of} onClose={() => setSearching(false)} />}
      <div class="talk" hidden={searching}>
        <MessageList />
        <Composer />
      </div>
      <Announcer />
      <DeleteDialog />
      <ReactionPicker />
    </TalkContext.Provider>
  );
}

/** A resume brings older messages, too: the list shows them, and nothing tells them. */
const RECENT = 30_000;

/** Tells screen readers about new messages of the open conversation. */
function Announcer() {
  const { engine, conversation } = useTalk();
  const [text, setText] = useState("");
  // A message may come before an effect runs.
  useLayoutEffect(
    () =>
      engine.onArrival(({ key, message }) => {
        if (key !== conversation.key || Date.now() - message.time > RECENT) return;
        setText(texts.peek().talk.announce(message.author.name, preview(message)));
      }),
    [engine, conversation],
  );
  return (
    <div class="visually-hidden" role="status" aria-live="polite">
      {text}
    </div>
  );
}

function DeleteDialog() {
  const talk = useTalk();
  const message = talk.deleting.value;
  if (message === null) return null;
  const t = texts.value.talk;
  const close = () => (talk.deleting.value = null);
  const confirm = () => {
    close();
    talk.conversation.delete(message.sequence).catch((error: unknown) => talk.fail(error));
  };
  return (
    <Dialog title={t.deleteTitle} onClose={close}>
      <DialogBody>
        <p>{t.deleteText}</p>
        <blockquote class="notice" dir="auto">
          {preview(message)}
        </blockquote>
        <DialogActions>
          <Button data-autofocus onClick={close}>
            {texts.value.common.cancel}
          </Button>
          <Button kind="danger" onClick={confirm}>
            {texts.value.common.delete}
          </Button>
        </DialogActions>
      </DialogBody>
    </Dialog>
  );
}

function ReactionPicker() {
  const talk = useTalk();
  const at = talk.reacting.value;
  if (at === null) return null;
  return <EmojiPicker key={at.message.id} beside={at.beside} onPick={(emoji) => talk.react(at.message, emoji)} onClose={() => (talk.reacting.value = null)} />;
}
