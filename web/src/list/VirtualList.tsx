import type { ComponentChild, VNode } from "preact";
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { Layout, type LayoutRow } from "./layout.ts";

/** The commands of a list, for its owner. */
export interface ListHandle {
  scrollToEnd(): void;
  /** Scroll a row into the viewport; `align` is its place, from 0 (top) to 1 (bottom). False if there is none. */
  scrollTo(key: string, align?: number): boolean;
  /** Move as little as needed to show a row, and focus it. */
  focusRow(key: string): void;
}

export interface VirtualListProps<Row extends LayoutRow> {
  rows: readonly Row[];
  /** A row is drawn again only if its object changed, or `version` did. */
  render: (row: Row) => ComponentChild;
  version: unknown;
  /** False while newer rows exist that are not in `rows`: the list then does not follow its end. */
  sticks: boolean;
  /** The row that must stay in the page, because it has the focus. */
  pinned: string | null;
  label: string;
  handle: { current: ListHandle | null };
  /** Called after each change of the place: whether the end is shown, and the rows that are seen. */
  onPlace: (place: { atEnd: boolean; first: string; last: string; nearStart: boolean; nearEnd: boolean }) => void;
  onKeyDown: (event: KeyboardEvent) => void;
}

const NEAR = 800;

/** A list of rows of any height, of which only those near the viewport are in the page. */
export function VirtualList<Row extends LayoutRow>(props: VirtualListProps<Row>) {
  const viewport = useRef<HTMLDivElement>(null);
  const scroller = useMemo(() => new Scroller(viewport, () => redraw((n) => n + 1)), []);
  const [, redraw] = useState(0);
  scroller.onPlace = props.onPlace;
  scroller.layout.setRows(props.rows, props.sticks);
  props.handle.current = scroller;
  useLayoutEffect(() => scroller.observe(), []);
  useLayoutEffect(() => scroller.settle());
  const { first, end } = scroller.layout.range();
  const shown = props.rows.slice(first, end);
  const pinned = props.pinned === null ? undefined : scroller.layout.index(props.pinned);
  const extra = pinned === undefined || (pinned >= first && pinned < end) ? undefined : props.rows[pinned];
  if (extra !== undefined && pinned !== undefined) pinned < first ? shown.unshift(extra) : shown.push(extra);
  return (
    <div ref={viewport} class="list" onScroll={() => scroller.scrolled()}>
      <div class="list-rows" role="log" aria-live="off" aria-label={props.label} onKeyDown={props.onKeyDown} style={{ height: `${scroller.layout.total}px` }}>
        {shown.map((row) => scroller.vnode(row, props.version, props.render))}
      </div>
    </div>
  );
}

/** Connects the layout with the elements. */
class Scroller implements ListHandle {
  readonly layout = new Layout();
  onPlace: VirtualListProps<LayoutRow>["onPlace"] = () => undefined;
  readonly #elements = new Map<string, HTMLElement>();
  readonly #refs = new Map<string, (element: HTMLElement | null) => void>();
  readonly #drawn = new WeakMap<object, { version: unknown; content: ComponentChild; top: number; vnode: VNode }>();
  #rows: ResizeObserver | undefined;
  #width = 0;
  #focus: string | null = null;

  constructor(
    private readonly viewport: { current: HTMLDivElement | null },
    private readonly redraw: () => void,
  ) {}

  /** Return a row's node; the same object if nothing changed, so that Preact does not compare it. */
  vnode<Row extends LayoutRow>(row: Row, version: unknown, render: (row: Row) => ComponentChild): VNode {
    const top = this.layout.lead + this.layout.top(row.key);
    const before = this.#drawn.get(row);
    const same = before !== undefined && before.version === version;
    if (same && before.top === top) return before.vnode;
    const content = same ? before.content : render(row);
    const vnode = (
      <div key={row.key} ref={this.#ref(row.key)} class="list-row" data-key={row.key} style={{ top: `${top}px` }}>
        {content}
      </div>
    );
    this.#drawn.set(row, { version, content, top, vnode });
    return vnode;
  }

  #ref(key: string): (element: HTMLElement | null) => void {
    let ref = this.#refs.get(key);
    if (ref === undefined) {
      ref = (element) => {
        const old = this.#elements.get(key);
        if (old !== undefined) this.#rows?.unobserve(old);
        if (element === null) {
          this.#elements.delete(key);
          this.#refs.delete(key);
        } else {
          this.#elements.set(key, element);
          this.#rows?.observe(element);
        }
      };
      this.#refs.set(key, ref);
    }
    return ref;
  }

  observe(): () => void {
    // A ResizeObserver runs before the frame is painted: the rows move in the frame in which they grow.
    this.#rows = new ResizeObserver((entries) => {
      // Rows of a list that is hidden have no height, and the place must stay until it is shown again.
      if (!this.viewport.current?.clientHeight) return;
      let changed = false;
      for (const { target, borderBoxSize } of entries) {
        const key = (target as HTMLElement).dataset.key;
        const height = borderBoxSize[0]?.blockSize;
        if (key !== undefined && height !== undefined && target.isConnected) changed = this.layout.measure(key, height) || changed;
      }
      if (changed) this.redraw();
    });
    for (const element of this.#elements.values()) this.#rows.observe(element);
    const frame = new ResizeObserver(() => this.#resized());
    const viewport = this.viewport.current;
    if (viewport !== null) frame.observe(viewport);
    this.#resized();
    return () => {
      frame.disconnect();
      this.#rows?.disconnect();
    };
  }

  #resized(): void {
    const viewport = this.viewport.current;
    if (viewport === null || viewport.clientHeight === 0) return;
    if (viewport.clientWidth !== this.#width) this.layout.forget();
    this.#width = viewport.clientWidth;
    this.layout.setViewport(viewport.clientHeight);
    this.redraw();
  }

  /** Scroll so that the anchor is in its place; called after each drawing. */
  settle(): void {
    const viewport = this.viewport.current;
    if (viewport === null || viewport.clientHeight === 0) return;
    const before = viewport.scrollTop;
    const wanted = this.layout.scrollTop;
    if (Math.abs(before - wanted) >= 1) viewport.scrollTop = wanted;
    if (this.#focus !== null) {
      const row = this.#elements.get(this.#focus)?.querySelector<HTMLElement>("[data-row]");
      if (row) {
        this.#focus = null;
        row.focus({ preventScroll: true });
      }
    }
    this.#report();
  }

  scrolled(): void {
    const viewport = this.viewport.current;
    if (viewport === null || viewport.clientHeight === 0) return;
    // A viewport that grows at the end of the list scrolls, and this event comes before that of its size.
    this.layout.setViewport(viewport.clientHeight);
    // A scroll event of `settle` itself carries no news.
    if (Math.abs(viewport.scrollTop - this.layout.scrollTop) < 1) return;
    this.layout.scrolled(viewport.scrollTop);
    this.redraw();
  }

  #report(): void {
    const seen = this.layout.seen();
    if (seen === null) return;
    const top = this.layout.scrollTop;
    const below = this.layout.total - top - (this.viewport.current?.clientHeight ?? 0);
    this.onPlace({ atEnd: this.layout.showsEnd, ...seen, nearStart: top < NEAR, nearEnd: below < NEAR });
  }

  scrollToEnd(): void {
    this.layout.scrollToEnd();
    this.redraw();
  }

  scrollTo(key: string, align = 0.3): boolean {
    const found = this.layout.scrollTo(key, align);
    this.redraw();
    return found;
  }

  focusRow(key: string): void {
    this.layout.reveal(key);
    this.#focus = key;
    this.redraw();
  }
}
