import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { GROUPS, loadEmoji, searchEmoji, toned, type Emoji, type Group, type Tone } from "../../emoji/emoji.ts";
import { chooseTone, emojiTone, noteEmoji, recentEmoji } from "../../emoji/recent.ts";
import { composes } from "../../shell/composing.ts";
import { texts } from "../../texts/index.ts";
import { errorText } from "../engine.ts";

const TONES: readonly Tone[] = [0, 1, 2, 3, 4, 5];
const HAND: Emoji = { emoji: "✋", names: [], words: [], tones: 1 };
const FACES: Record<Group | "recent", string> = { recent: "🕘", smileys: "😀", people: "👋", animals: "🐻", food: "🍎", travel: "✈️", activities: "⚽", objects: "💡", symbols: "❤️", flags: "🏁" };
const MOST = 100;
const GAP = 8;

/** A dialog in which one emoji is chosen: recent ones, groups, a search, and a skin tone. */
export function EmojiPicker({ beside, onPick, onClose }: { beside: Element; onPick: (emoji: string) => void; onClose: () => void }) {
  const box = useRef<HTMLDivElement>(null);
  const [groups, setGroups] = useState<Map<Group, Emoji[]>>(new Map());
  const [error, setError] = useState<string | null>(null);
  const [query, setQuery] = useState("");
  const [group, setGroup] = useState<Group | "recent">("recent");
  const t = texts.value.talk.picker;

  useEffect(() => {
    loadEmoji().then(setGroups, (failure: unknown) => setError(errorText(failure)));
    const outside = (event: Event) => {
      if (!box.current?.contains(event.target as Node)) onClose();
    };
    document.addEventListener("pointerdown", outside, true);
    return () => {
      document.removeEventListener("pointerdown", outside, true);
      if (beside instanceof HTMLElement && beside.isConnected) beside.focus();
    };
  }, []);
  useLayoutEffect(() => place(box.current, beside), []);

  const pick = (emoji: string) => {
    noteEmoji(emoji);
    onPick(emoji);
    onClose();
  };
  const all = [...groups.values()].flat();
  const searching = query.trim() !== "";
  const found = searching ? searchEmoji(all, query, MOST) : group === "recent" ? [] : (groups.get(group) ?? []);
  const tone = emojiTone.value;
  const shown = !searching && group === "recent" ? recentEmoji.value.map((emoji) => ({ emoji, name: nameOf(all, emoji) })) : found.map((each) => ({ emoji: toned(each, tone), name: spoken(each) }));
  return (
    <div ref={box} class="picker" role="dialog" aria-label={t.title} onKeyDown={(event) => onKey(event, box.current, onClose)}>
      <input class="input" type="search" autofocus ref={(input) => focusOnce(input)} aria-label={t.search} placeholder={t.search} value={query} onInput={(event) => setQuery(event.currentTarget.value)} />
      <div class="picker-groups" role="tablist" aria-label={t.groups}>
        {(["recent", ...GROUPS] as const).map((each) => (
          <button key={each} type="button" role="tab" aria-selected={!searching && group === each} aria-label={t.group[each]} title={t.group[each]} onClick={() => { setQuery(""); setGroup(each); }}>
            {FACES[each]}
          </button>
        ))}
      </div>
      <div class="picker-grid" role="group" aria-label={searching ? t.search : t.group[group]}>
        {shown.map(({ emoji, name }) => (
          <button key={emoji} type="button" class="picker-emoji" aria-label={name || emoji} title={name} onClick={() => pick(emoji)}>
            {emoji}
          </button>
        ))}
        {searching && found.length === 0 && all.length > 0 && <p class="muted" role="status">{t.none}</p>}
        {error !== null && <p class="note-error" role="alert">{error}</p>}
      </div>
      <div class="picker-tones" role="radiogroup" aria-label={t.tone}>
        {TONES.map((each) => (
          <button key={each} type="button" role="radio" aria-checked={tone === each} aria-label={t.tones[each]} title={t.tones[each]} onClick={() => chooseTone(each)}>
            {toned(HAND, each)}
          </button>
        ))}
      </div>
    </div>
  );
}

function spoken(emoji: Emoji): string {
  return (emoji.names[0] ?? "").replaceAll("_", " ");
}

function nameOf(all: readonly Emoji[], emoji: string): string {
  const bare = emoji.replace(/[\u{1f3fb}-\u{1f3ff}]/gu, "");
  const found = all.find((each) => each.emoji.replace("\ufe0f", "") === bare.replace("\ufe0f", ""));
  return found ? spoken(found) : "";
}

const focused = new WeakSet<HTMLElement>();

function focusOnce(input: HTMLElement | null): void {
  if (input === null || focused.has(input)) return;
  focused.add(input);
  input.focus();
}

/** Place the picker above or below an element, inside the window. */
function place(box: HTMLElement | null, beside: Element): void {
  if (box === null) return;
  const at = beside.getBoundingClientRect();
  const above = at.top - box.offsetHeight - GAP;
  const below = Math.min(at.bottom + GAP, window.innerHeight - box.offsetHeight - GAP);
  box.style.top = `${Math.max(GAP, above > GAP ? above : below)}px`;
  box.style.left = `${Math.max(GAP, Math.min(at.right - box.offsetWidth, window.innerWidth - box.offsetWidth - GAP))}px`;
}

/** Arrows move between the emoji, by the columns that are shown. */
function onKey(event: KeyboardEvent, box: HTMLElement | null, onClose: () => void): void {
  if (composes(event)) return;
  if (event.key === "Escape") {
    event.preventDefault();
    event.stopPropagation();
    return onClose();
  }
  const all = [...(box?.querySelectorAll<HTMLElement>(".picker-emoji") ?? [])];
  const at = all.indexOf(document.activeElement as HTMLElement);
  const input = box?.querySelector<HTMLElement>("input");
  if (at < 0) {
    if (document.activeElement !== input || !["ArrowDown", "Enter"].includes(event.key)) return;
    event.preventDefault();
    return event.key === "Enter" ? all[0]?.click() : all[0]?.focus();
  }
  const columns = all.findIndex((each) => each.offsetTop > (all[0]?.offsetTop ?? 0));
  const steps: Record<string, number | undefined> = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns };
  const step = steps[event.key];
  if (step === undefined) return;
  event.preventDefault();
  if (at + step < 0) input?.focus();
  else all[Math.min(all.length - 1, at + step)]?.focus();
}
