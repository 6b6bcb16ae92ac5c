/**
 * The layout of a long list of rows, without any DOM: which rows are shown, where each one is, and
 * how far to scroll so that the reader's place stays.
 *
 * The place is an *anchor*: the end of the list, or a row and the distance of its top from the top of
 * the viewport. After every change (rows added at either end, a row measured, the viewport resized)
 * `scrollTop` follows from the anchor. So prepending, text zoom and jumps to rows that were never
 * measured need no code of their own.
 */

import { Heights } from "./heights.ts";

export type Anchor = { at: "end" } | { at: "row"; key: string; offset: number };

export interface LayoutRow {
  readonly key: string;
  /** The height in pixels that is assumed until the row is measured. */
  readonly estimate: number;
}

/** Pixels above and below the viewport in which rows are kept in the page. */
const MARGIN = 600;
/** At most so many pixels above the end count as the end. */
const END = 8;

export class Layout {
  #rows: readonly LayoutRow[] = [];
  #places = new Map<string, number>();
  #heights = new Heights([]);
  readonly #measured = new Map<string, number>();
  #viewport = 0;
  #anchor: Anchor = { at: "end" };
  #sticks = true;

  get anchor(): Anchor {
    return this.#anchor;
  }

  get total(): number {
    return this.#heights.total;
  }

  /** The space above the first row, in pixels: a few rows stand at the lower edge. */
  get lead(): number {
    return Math.max(0, this.#viewport - this.total);
  }

  get atEnd(): boolean {
    return this.#anchor.at === "end";
  }

  /** True if the reader sees the end, whether or not the list follows it. */
  get showsEnd(): boolean {
    return this.atEnd || (this.#sticks && this.scrollTop >= this.total - this.#viewport - END);
  }

  /**
   * Replace the rows. Measured heights stay, by key. `sticks` is false while newer rows exist that are not
   * here yet: they must not move the reader.
   */
  setRows(rows: readonly LayoutRow[], sticks = true): void {
    this.#sticks = sticks;
    if (rows === this.#rows) return;
    if (!sticks && this.atEnd) this.scrolled(this.scrollTop);
    const before = this.#rows;
    const old = this.#places;
    this.#rows = rows;
    this.#places = new Map(rows.map((row, index) => [row.key, index]));
    this.#heights = new Heights(rows.map((row) => this.#measured.get(row.key) ?? row.estimate));
    this.#keepAnchor(before, old);
  }

  /** If the anchor's row is gone, the next row below it that is still there takes its place. */
  #keepAnchor(before: readonly LayoutRow[], old: ReadonlyMap<string, number>): void {
    const anchor = this.#anchor;
    if (anchor.at === "end" || this.#places.has(anchor.key)) return;
    const index = old.get(anchor.key);
    const next = index === undefined ? undefined : before.slice(index).find((row) => this.#places.has(row.key));
    this.#anchor = next === undefined ? { at: "end" } : { at: "row", key: next.key, offset: anchor.offset };
  }

  setViewport(height: number): void {
    this.#viewport = height;
  }

  /** Forget all heights, because the width or the size of the text changed; they stay as estimates. */
  forget(): void {
    this.#measured.clear();
  }

  /** Note the height of a row; return true if it differs. */
  measure(key: string, height: number): boolean {
    const index = this.#places.get(key);
    this.#measured.set(key, height);
    if (index === undefined || Math.abs(this.#heights.height(index) - height) < 0.25) return false;
    this.#heights.set(index, height);
    return true;
  }

  /** Note where the reader scrolled to. */
  scrolled(scrollTop: number): void {
    if (this.#rows.length === 0 || (this.#sticks && scrollTop >= this.total - this.#viewport - END)) {
      this.#anchor = { at: "end" };
      return;
    }
    const row = this.#rows[this.#heights.at(Math.max(0, scrollTop))];
    if (row !== undefined) this.#anchor = { at: "row", key: row.key, offset: this.top(row.key) - scrollTop };
  }

  scrollToEnd(): void {
    this.#anchor = { at: "end" };
  }

  /** Make a row the anchor; `align` is its place in the viewport, from 0 (top) to 1 (bottom). */
  scrollTo(key: string, align: number): boolean {
    const index = this.#places.get(key);
    if (index === undefined) return false;
    this.#anchor = { at: "row", key, offset: Math.max(0, this.#viewport - this.#heights.height(index)) * align };
    return true;
  }

  /** Move as little as needed to show a row wholly. */
  reveal(key: string): void {
    const index = this.#places.get(key);
    if (index === undefined) return;
    const top = this.#heights.top(index) - this.scrollTop;
    if (top < 0) this.scrollTo(key, 0);
    else if (top + this.#heights.height(index) > this.#viewport) this.scrollTo(key, 1);
  }

  /** The distance to scroll so that the anchor is in its place. */
  get scrollTop(): number {
    const most = Math.max(0, this.total - this.#viewport);
    if (this.#anchor.at === "end") return most;
    return Math.min(most, Math.max(0, this.top(this.#anchor.key) - this.#anchor.offset));
  }

  top(key: string): number {
    return this.#heights.top(this.#places.get(key) ?? 0);
  }

  index(key: string): number | undefined {
    return this.#places.get(key);
  }

  /** The rows to keep in the page: the first, and the one after the last. */
  range(): { first: number; end: number } {
    if (this.#rows.length === 0) return { first: 0, end: 0 };
    const top = this.scrollTop;
    return {
      first: this.#heights.at(Math.max(0, top - MARGIN)),
      end: this.#heights.at(top + this.#viewport + MARGIN) + 1,
    };
  }

  /** The keys of the first and the last row that the reader sees. */
  seen(): { first: string; last: string } | null {
    const first = this.#rows[this.#heights.at(this.scrollTop)];
    const last = this.#rows[this.#heights.at(this.scrollTop + this.#viewport - 1)];
    return first === undefined || last === undefined ? null : { first: first.key, last: last.key };
  }
}
