import { useId, useState } from "preact/hooks";
import { userKey, type ConversationKey } from "../../engine/api.ts";
import { composes } from "../../shell/composing.ts";
import { goTo } from "../../shell/places.ts";
import { ranked } from "../../shell/rank.ts";
import { texts } from "../../texts/index.ts";
import { useEngine } from "../engine.ts";
import { Avatar, Badge, Dialog, Icon } from "../kit/index.ts";
import { composer } from "../talk/field.ts";
import { closeDialog } from "./dialogs.ts";

interface Choice {
  key: ConversationKey;
  name: string;
  weight: number;
  number: number | undefined;
  unread: number;
}

const MOST = 12;

/** Returns everything that the palette finds: conversations by recency, then people who are or were here. */
function useChoices(): Choice[] {
  const engine = useEngine();
  const all = new Map<ConversationKey, Choice>();
  const conversations = engine.conversations.value;
  conversations.forEach((each, index) => {
    const weight = conversations.length - index + (each.unread > 0 ? conversations.length : 0);
    all.set(each.key, { key: each.key, name: each.title, weight, number: each.user?.number, unread: each.unread });
  });
  for (const { number, name } of [...engine.people.value.values(), ...engine.known()]) {
    const key = userKey(number);
    if (!all.has(key)) all.set(key, { key, name, weight: 0, number, unread: 0 });
  }
  return [...all.values()];
}

/** Jumps to a conversation or a person by a few letters: Ctrl-K. */
export function Palette() {
  const [query, setQuery] = useState("");
  const [at, setAt] = useState(0);
  const id = useId();
  const t = texts.value.palette;
  const found = ranked(query.replace(/^[#@]/u, ""), useChoices().filter((each) => !/^[#@]/u.test(query) || each.key[0] === query[0]), MOST);
  const chosen = Math.min(at, Math.max(0, found.length - 1));

  const take = (choice: Choice | undefined) => {
    if (!choice) return;
    closeDialog();
    goTo(choice.key);
    // The dialog gives the focus back first. A conversation that opens takes it by itself.
    requestAnimationFrame(() => matchMedia("(pointer: fine)").matches && composer.current?.focus());
  };
  const onKey = (event: KeyboardEvent) => {
    if (composes(event)) return;
    if (event.key === "ArrowDown") setAt((chosen + 1) % Math.max(1, found.length));
    else if (event.key === "ArrowUp") setAt((chosen - 1 + found.length) % Math.max(1, found.length));
    else if (event.key === "Enter") take(found[chosen]);
    else return;
    event.preventDefault();
  };
  return (
    <Dialog title={t.title} onClose={closeDialog} head={false} class="palette">
      <input
        class="palette-input"
        data-autofocus
        role="combobox"
        aria-expanded="true"
        aria-controls={`${id}-list`}
        aria-activedescendant={found.length > 0 ? `${id}-${chosen}` : undefined}
        aria-label={t.title}
        placeholder={t.placeholder}
        dir="auto"
        value={query}
        onInput={(event) => {
          setQuery(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={onKey}
      />
      <ul id={`${id}-list`} class="palette-list" role="listbox" aria-label={t.title}>
        {found.map((each, index) => (
          <li
            key={each.key}
            id={`${id}-${index}`}
            class="palette-row"
            role="option"
            aria-selected={index === chosen}
            onPointerMove={() => setAt(index)}
            onClick={() => take(each)}
          >
            {each.number === undefined ? <Icon name="hash" /> : <Avatar number={each.number} name={each.name} size="small" />}
            <span class="truncate" dir="auto">
              {each.name}
            </span>
            <span class="spacer" />
            <Badge count={each.unread} label={texts.value.left.unread(each.unread)} />
            <span class="tag">{each.number === undefined ? t.room : t.person}</span>
          </li>
        ))}
      </ul>
      {found.length === 0 && (
        <p class="palette-none muted" role="status">
          {t.none}
        </p>
      )}
    </Dialog>
  );
}
