import { useCallback, useEffect, useRef, useState } from "preact/hooks";

/** The state of something that is asked again and again. */
export interface Polled<T> {
  readonly value: T | undefined;
  /** The error of the newest answer; the value is then an older one. */
  readonly error: unknown;
  /** Asks at once. */
  readonly refresh: () => void;
}

/** Asks every `every` milliseconds while the page is visible, and again at once when `keys` change. An answer to older
 *  keys is dropped. */
export function usePolled<T>(ask: (signal: AbortSignal) => Promise<T>, every: number, keys: readonly unknown[]): Polled<T> {
  const [state, setState] = useState<{ value: T | undefined; error: unknown }>({ value: undefined, error: undefined });
  const again = useRef<() => void>(() => undefined);
  useEffect(() => {
    const ended = new AbortController();
    let timer = 0;
    let asking = false;
    const look = async () => {
      window.clearTimeout(timer);
      if (asking || document.hidden || ended.signal.aborted) return;
      asking = true;
      try {
        const value = await ask(ended.signal);
        if (!ended.signal.aborted) setState({ value, error: undefined });
      } catch (error) {
        if (!ended.signal.aborted) setState((old) => ({ value: old.value, error }));
      }
      asking = false;
      timer = window.setTimeout(look, every);
    };
    again.current = () => void look();
    document.addEventListener("visibilitychange", again.current);
    void look();
    return () => {
      ended.abort();
      window.clearTimeout(timer);
      document.removeEventListener("visibilitychange", again.current);
    };
  }, keys);
  return { ...state, refresh: useCallback(() => again.current(), []) };
}

/** A list that the server gives in pages. */
export interface Paged<T> {
  readonly items: readonly T[] | undefined;
  readonly error: unknown;
  readonly loading: boolean;
  /** Loads the next page; undefined after the last one. */
  readonly more: (() => void) | undefined;
  /** Loads the list again, from its first page. */
  readonly reload: () => void;
}

/** Loads the first page, and further ones on demand. Starts again when `keys` change. */
export function usePaged<T>(ask: (token: string, signal: AbortSignal) => Promise<{ items: readonly T[]; next: string }>, keys: readonly unknown[]): Paged<T> {
  const [items, setItems] = useState<readonly T[] | undefined>(undefined);
  const [next, setNext] = useState("");
  const [error, setError] = useState<unknown>(undefined);
  const [loading, setLoading] = useState(true);
  const running = useRef(new AbortController());
  const load = (token: string) => {
    running.current.abort();
    const { signal } = (running.current = new AbortController());
    setLoading(true);
    ask(token, signal).then(
      (page) => {
        if (signal.aborted) return;
        setItems((old) => (token === "" ? page.items : [...(old ?? []), ...page.items]));
        setNext(page.next);
        setError(undefined);
        setLoading(false);
      },
      (failure: unknown) => {
        if (signal.aborted) return;
        setError(failure);
        setLoading(false);
      },
    );
  };
  useEffect(() => {
    load("");
    return () => running.current.abort();
  }, keys);
  return { items, error, loading, more: next === "" ? undefined : () => load(next), reload: () => load("") };
}

/** Returns a text that follows another one when that has not changed for a while: a filter asks once a word. */
export function useSettled(text: string, milliseconds = 250): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = window.setTimeout(() => setSettled(text), milliseconds);
    return () => window.clearTimeout(timer);
  }, [text]);
  return settled;
}
