import type { ComponentChildren } from "preact";

import { Button } from "../kit/index.ts";
import { texts } from "../../texts/index.ts";
import { serverTexts } from "../../texts/server/index.ts";
import { errorText } from "./admin.ts";
import type { Paged } from "./hooks.ts";

export interface Column {
  title: string;
  /** True for numbers: they stand at the end of the cell. */
  end?: boolean;
  /** True if the heading is for screen readers only. */
  hidden?: boolean;
  /** Set for a column by which the table can be sorted. */
  sort?: { direction: "ascending" | "descending" | "none"; label: string; onSort: () => void };
}

/** A table that scrolls sideways in a narrow window. `rows` are `tr` elements. */
export function Table({ caption, columns, children }: { caption: string; columns: readonly Column[]; children: ComponentChildren }) {
  return (
    <div class="table-scroll" tabIndex={0} role="region" aria-label={caption}>
      <table class="table">
        <caption class="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ title, end, hidden, sort }) => (
              <th key={title} scope="col" class={end ? "end" : ""} {...(sort ? { "aria-sort": sort.direction } : {})}>
                {sort ? (
                  <button type="button" class="table-sort" title={sort.label} onClick={sort.onSort}>
                    {title}
                    <span aria-hidden="true">{sort.direction === "none" ? "" : sort.direction === "ascending" ? " ↑" : " ↓"}</span>
                  </button>
                ) : (
                  <span class={hidden ? "visually-hidden" : ""}>{title}</span>
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

/** The end of a list in pages: its error, that it loads or is empty, and the button for more. */
export function ListEnd({ list }: { list: Paged<unknown> }) {
  const words = serverTexts.value;
  return (
    <div class="list-end" aria-live="polite">
      {list.error !== undefined && (
        <p class="notice error">
          {errorText(list.error)} <Button onClick={list.reload}>{texts.value.common.retry}</Button>
        </p>
      )}
      {list.items === undefined && list.loading && <p class="muted">{texts.value.common.loading}</p>}
      {list.items?.length === 0 && !list.loading && <p class="muted">{words.none}</p>}
      {list.more && (
        <Button busy={list.loading} onClick={list.more}>
          {words.loadMore}
        </Button>
      )}
    </div>
  );
}
