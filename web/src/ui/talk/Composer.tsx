import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { composes } from "../../shell/composing.ts";
import { bytesLeft } from "../../talk/bytes.ts";
import { texts } from "../../texts/index.ts";
import { errorText } from "../engine.ts";
import { IconButton } from "../kit/index.ts";
import { ComposerBar } from "./ComposerBar.tsx";
import { ComposerNote } from "./ComposerNote.tsx";
import { Completion, useCompletion } from "./Completion.tsx";
import { EmojiPicker } from "./EmojiPicker.tsx";
import { composer } from "./field.ts";
import { useTalk } from "./state.ts";

const COARSE = matchMedia("(pointer: coarse)");

/** The field in which a message is written or edited. */
export function Composer() {
  const talk = useTalk();
  const { conversation } = talk;
  const editing = talk.editing.value;
  const draft = conversation.draft.value;
  const [edited, setEdited] = useState("");
  const [picking, setPicking] = useState<Element | null>(null);
  const [error, setError] = useState<string | null>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  const text = editing ? edited : draft.text;
  const limit = talk.engine.me.value?.limits?.maxTextBytes ?? 0;
  const left = bytesLeft(text, limit);
  const sendable = text.trim() !== "" && (left === null || left >= 0);
  const t = texts.value.talk;

  useEffect(() => setEdited(editing?.text ?? ""), [editing]);
  useLayoutEffect(() => {
    composer.current = field.current;
    grow(field.current);
    return () => (composer.current = null);
  });

  const write = (value: string) => {
    setError(null);
    if (editing) return setEdited(value);
    conversation.setDraft({ ...conversation.draft.peek(), text: value });
    if (value.trim() !== "") conversation.typingNow();
  };
  const completion = useCompletion(field, text, write);
  const insert = (added: string) => {
    const at = field.current;
    const [start, end] = [at?.selectionStart ?? text.length, at?.selectionEnd ?? text.length];
    write(text.slice(0, start) + added + text.slice(end));
    requestAnimationFrame(() => {
      at?.focus();
      at?.setSelectionRange(start + added.length, start + added.length);
    });
  };
  const submit = () => {
    if (!sendable) return;
    const ready = text.trimEnd();
    if (editing) {
      talk.editing.value = null;
      if (ready === editing.text) return;
      conversation.edit(editing.sequence, ready).catch((failure: unknown) => {
        // The typed text comes back, so that nothing is lost.
        talk.editing.value = { ...editing, text: ready };
        setError(errorText(failure));
      });
      return;
    }
    conversation.send(ready, draft.replyTo || undefined);
    conversation.setDraft({ text: "", replyTo: 0 });
    void talk.jumpToNewest();
  };
  const cancel = () => {
    if (editing) talk.editing.value = null;
    else if (draft.replyTo > 0) conversation.setDraft({ ...draft, replyTo: 0 });
    else return false;
    return true;
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (composes(event) || completion.onKey(event)) return;
    const plain = !event.shiftKey && !event.altKey && !event.ctrlKey && !event.metaKey;
    if (event.key === "Enter" && ((plain && !COARSE.matches) || event.ctrlKey || event.metaKey)) submit();
    else if (event.key === "ArrowUp" && plain && text === "" && talk.editLast()) setError(null);
    else if (!(event.key === "Escape" && cancel())) return;
    event.preventDefault();
  };

  if (!talk.mayWrite.value) return <p class="composer-closed muted">{t.readOnly}</p>;
  return (
    <div class="composer">
      <ComposerBar editing={editing} replyTo={draft.replyTo} onCancel={cancel} />
      <div class={`composer-field ${editing ? "editing" : ""}`}>
        <textarea
          ref={field}
          rows={1}
          dir="auto"
          value={text}
          placeholder={t.placeholder(placeOf(conversation.key, conversation.summary.value.title))}
          aria-label={editing ? t.editing : t.placeholder(placeOf(conversation.key, conversation.summary.value.title))}
          aria-describedby="composer-note"
          onInput={(event) => {
            write(event.currentTarget.value);
            completion.update();
          }}
          onKeyUp={(event) => ["ArrowLeft", "ArrowRight", "Home", "End"].includes(event.key) && completion.update()}
          onClick={completion.update}
          onBlur={completion.close}
          onKeyDown={onKeyDown}
          {...completion.attributes}
        />
        <IconButton icon="smile" label={t.emoji} onClick={(event) => setPicking(picking ? null : event.currentTarget)} />
        <IconButton icon={editing ? "check" : "send"} class="send" label={editing ? texts.value.common.save : t.send} disabled={!sendable} onClick={submit} />
        <Completion state={completion} />
      </div>
      <ComposerNote error={error} left={left} />
      {picking && <EmojiPicker beside={picking} onPick={insert} onClose={() => setPicking(null)} />}
    </div>
  );
}

function placeOf(key: string, title: string): string {
  return key.startsWith("#") ? `#${title}` : title;
}

/** Make the field as high as its text; the style sheet has the limit. */
function grow(field: HTMLTextAreaElement | null): void {
  if (field === null) return;
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight}px`;
}
