const COLOURS = 10;

/** Returns the class that gives a person's colour, from the number: it stays with a change of name. */
export function personClass(number: number): string {
  return `person-${((number % COLOURS) + COLOURS) % COLOURS}`;
}

/** Returns the first character of a name that a person sees, in upper case. */
export function initial(name: string, locale?: string): string {
  const segments = new Intl.Segmenter(locale, { granularity: "grapheme" }).segment(name.trim());
  const first = segments[Symbol.iterator]().next().value?.segment ?? "?";
  return first.toLocaleUpperCase(locale);
}

/** The square of a person. It only decorates: the name stands beside it. */
export function Avatar({ number, name, size = "normal" }: { number: number; name: string; size?: "small" | "normal" | "large" }) {
  return (
    <span class={`avatar ${size} ${personClass(number)}`} aria-hidden="true">
      {initial(name)}
    </span>
  );
}
