import { useEffect, useRef, useState } from "preact/hooks";
import type { ConversationKey, Hit, HitPage } from "../../engine/api.ts";
import { parse } from "../../markdown/blocks.ts";
import { plain } from "../../markdown/tree.ts";
import { composes } from "../../shell/composing.ts";
import { routeOf } from "../../shell/places.ts";
import { formatRoute } from "../../shell/route.ts";
import { excerpt } from "../../talk/highlight.ts";
import { fullTime } from "../../talk/times.ts";
import { intlLocale, texts } from "../../texts/index.ts";
import { errorText, useEngine } from "../engine.ts";
import { Avatar, Button, Icon, IconButton, personClass } from "../kit/index.ts";

/** A page of a search may be empty before the last one; at most so many are asked for at once. */
const MOST_EMPTY = 4;

interface Found {
  query: string;
  hits: readonly Hit[];
  more: (() => Promise<HitPage>) | undefined;
}

/** Search over everything that the user may read. */
export function SearchPanel({ initial = "", within, onClose }: { initial?: string; within?: ConversationKey; onClose?: () => void }) {
  const engine = useEngine();
  const [query, setQuery] = useState(initial);
  const [place, setPlace] = useState<ConversationKey | "">(within ?? "");
  const [found, setFound] = useState<Found | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const current = useRef(0);
  const t = texts.value.talk;

  const read = async (first: () => Promise<HitPage>, before: readonly Hit[], asked: string) => {
    const search = ++current.current;
    setBusy(true);
    setError(null);
    try {
      let page = await first();
      for (let empty = 0; page.hits.length === 0 && page.more && empty < MOST_EMPTY; empty += 1) page = await page.more();
      if (search === current.current) setFound({ query: asked, hits: [...before, ...page.hits], more: page.more });
    } catch (failure) {
      if (search === current.current) setError(errorText(failure));
    } finally {
      if (search === current.current) setBusy(false);
    }
  };
  const start = (asked: string, key: ConversationKey | "") => {
    if (asked.trim() !== "") void read(() => engine.search(asked, key || undefined), [], asked);
  };
  useEffect(() => {
    setQuery(initial);
    start(initial, place);
  }, [initial]);

  return (
    <section class="search" aria-label={t.search} onKeyDown={(event) => event.key === "Escape" && !composes(event) && onClose?.()}>
      <form
        class="search-form"
        role="search"
        onSubmit={(event) => {
          event.preventDefault();
          start(query, place);
        }}
      >
        <input class="input" type="search" ref={focusNew} dir="auto" aria-label={t.search} placeholder={t.search} value={query} onInput={(event) => setQuery(event.currentTarget.value)} />
        <select
          class="input search-place"
          aria-label={t.searchIn}
          value={place}
          onChange={(event) => {
            const key = event.currentTarget.value as ConversationKey | "";
            setPlace(key);
            start(query, key);
          }}
        >
          <option value="">{t.everywhere}</option>
          {engine.conversations.value.map((each) => (
            <option key={each.key} value={each.key}>
              {each.room ? `#${each.title}` : each.title}
            </option>
          ))}
        </select>
        <Button kind="primary" type="submit" busy={busy}>
          {t.searchStart}
        </Button>
        {onClose && <IconButton icon="close" label={texts.value.common.close} onClick={onClose} />}
      </form>
      <p class="search-hint muted">{t.searchHint}</p>
      {error !== null && (
        <p class="notice error" role="alert">
          {error}
        </p>
      )}
      <p class="visually-hidden" role="status">
        {found && !busy ? t.hits(found.hits.length) : ""}
      </p>
      <ol class="hits" role="list">
        {found?.hits.map((hit) => <HitRow key={`${hit.key}/${hit.message.sequence}`} hit={hit} query={found.query} {...(onClose ? { onJump: onClose } : {})} />)}
      </ol>
      {found && !busy && found.hits.length === 0 && <p class="muted search-none">{found.more ? t.noneYet : t.none}</p>}
      {found?.more && (
        <Button class="search-more" busy={busy} onClick={() => found.more && void read(found.more, found.hits, found.query)}>
          {t.searchMore}
        </Button>
      )}
    </section>
  );
}

let focused: Element | null = null;

function focusNew(input: HTMLInputElement | null): void {
  if (input !== null && focused !== input) input.focus();
  focused = input;
}

/** A hit: a link to the message in its conversation. */
function HitRow({ hit, query, onJump }: { hit: Hit; query: string; onJump?: () => void }) {
  const { message } = hit;
  return (
    <li>
      <a class="hit" href={formatRoute(routeOf(hit.key, message.sequence))} onClick={onJump}>
        <Avatar number={message.author.number} name={message.author.name} />
        <span class="hit-body">
          <span class="hit-head">
            <span class={`name ${personClass(message.author.number)}`} dir="auto">
              {message.author.name}
            </span>
            <span class="muted truncate" dir="auto">
              <Icon name={hit.key.startsWith("#") ? "hash" : "at"} />
              {hit.title}
            </span>
            <time class="muted">{fullTime(intlLocale.value, message.time)}</time>
          </span>
          <span class="hit-text" dir="auto">
            {excerpt(plain(parse(message.text)), query).map((piece) => (piece.hit ? <mark>{piece.text}</mark> : piece.text))}
          </span>
        </span>
      </a>
    </li>
  );
}
