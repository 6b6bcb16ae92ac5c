import { useEffect, useState } from "preact/hooks";
import { loadEmoji, searchEmoji, toned, type Emoji } from "../../emoji/emoji.ts";
import { emojiTone } from "../../emoji/recent.ts";
import { complete, suggestPeople, suggestRooms, wordAt, type Suggestion, type Word } from "../../talk/completion.ts";
import { texts } from "../../texts/index.ts";
import { useTalk, type Talk } from "./state.ts";

const MOST_EMOJI = 8;

function suggestions(talk: Talk, word: Word, emoji: readonly Emoji[]): Suggestion[] {
  if (word.sort === ":") {
    return searchEmoji(emoji, word.typed, MOST_EMOJI).map((each) => ({ insert: `${toned(each, emojiTone.peek())} `, label: toned(each, emojiTone.peek()), hint: `:${each.names[0] ?? ""}:` }));
  }
  if (word.sort === "#") {
    return suggestRooms(talk.engine.conversations.peek().flatMap((each) => (each.room ? [each.room] : [])), word.typed);
  }
  const people = talk.engine.people.peek();
  const members = talk.conversation.members.peek() ?? [];
  const all = new Map([...talk.conversation.messages.peek().map((each) => each.author), ...members.map((each) => each.user), ...people.values()].map((each) => [each.number, { number: each.number, name: each.name, online: people.has(each.number) }]));
  return suggestPeople([...all.values()], word.typed);
}

/** The state of the completion of a text field. */
export function useCompletion(field: { current: HTMLTextAreaElement | null }, text: string, write: (text: string) => void) {
  const talk = useTalk();
  const [word, setWord] = useState<Word | null>(null);
  const [at, setAt] = useState(0);
  const [emoji, setEmoji] = useState<readonly Emoji[]>([]);
  useEffect(() => {
    if (word?.sort !== ":" || emoji.length > 0) return;
    // Without the table there are no suggestions; the next word tries again.
    loadEmoji().then((groups) => setEmoji([...groups.values()].flat()), () => undefined);
  }, [word]);
  const found = word === null ? [] : suggestions(talk, word, emoji);
  const chosen = Math.min(at, found.length - 1);
  const update = () => {
    const shown = field.current;
    const next = shown && shown.selectionStart === shown.selectionEnd ? wordAt(shown.value, shown.selectionStart) : null;
    if (next?.sort !== word?.sort || next?.typed !== word?.typed || next?.start !== word?.start) setAt(0);
    setWord(next);
  };
  const take = (suggestion: Suggestion | undefined) => {
    if (word === null || suggestion === undefined) return;
    const done = complete(text, word, suggestion);
    write(done.text);
    setWord(null);
    requestAnimationFrame(() => {
      field.current?.focus();
      field.current?.setSelectionRange(done.cursor, done.cursor);
    });
  };
  const onKey = (event: KeyboardEvent): boolean => {
    if (found.length === 0) return false;
    if (event.key === "ArrowDown") setAt((chosen + 1) % found.length);
    else if (event.key === "ArrowUp") setAt((chosen - 1 + found.length) % found.length);
    else if ((event.key === "Enter" && !event.shiftKey) || (event.key === "Tab" && !event.shiftKey)) take(found[chosen]);
    else if (event.key === "Escape") setWord(null);
    else return false;
    event.preventDefault();
    return true;
  };
  const attributes = found.length > 0 ? { "aria-controls": "completion", "aria-activedescendant": `completion-${chosen}`, "aria-autocomplete": "list" as const } : {};
  return { found, chosen, update, onKey, take, close: () => setWord(null), attributes };
}

/** The suggestions above the field. */
export function Completion({ state }: { state: ReturnType<typeof useCompletion> }) {
  if (state.found.length === 0) return null;
  return (
    <ul id="completion" class="completion" role="listbox" aria-label={texts.value.talk.suggestions}>
      {state.found.map((each, index) => (
        <li
          key={each.insert}
          id={`completion-${index}`}
          role="option"
          aria-selected={index === state.chosen}
          onPointerDown={(event) => {
            // The field keeps the focus, and so the keyboard of a phone stays.
            event.preventDefault();
            state.take(each);
          }}
        >
          <span class="truncate" dir="auto">
            {each.label}
          </span>
          <span class="truncate muted" dir="auto">
            {each.hint}
          </span>
        </li>
      ))}
    </ul>
  );
}
