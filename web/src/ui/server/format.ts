// Numbers, sizes and times as texts, by the rules of a language. Pure.

const BYTE_UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte", "petabyte"] as const;
const TIME_UNITS = [
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
  ["second", 1],
] as const;

const cache = new Map<string, Intl.NumberFormat>();

function numbers(locale: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = `${locale} ${JSON.stringify(options)}`;
  const made = cache.get(key) ?? new Intl.NumberFormat(locale, options);
  cache.set(key, made);
  return made;
}

/** Returns a whole number with the separators of the language. */
export function wholeText(value: number | bigint, locale: string): string {
  return numbers(locale, { maximumFractionDigits: 0 }).format(value);
}

/** Returns a rate: with one decimal below 100. */
export function rateText(value: number, locale: string): string {
  return numbers(locale, { maximumFractionDigits: value < 99.95 ? 1 : 0 }).format(value);
}

/** Returns a number of bytes with a decimal unit: `1.2 MB`. */
export function sizeText(bytes: number, locale: string): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < BYTE_UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : 1;
  return numbers(locale, { style: "unit", unit: BYTE_UNITS[unit]!, unitDisplay: unit === 0 ? "long" : "short", maximumFractionDigits: digits }).format(value);
}

/** Returns a duration in seconds by its two largest units: `3 min 10 s`. */
export function durationText(seconds: number, locale: string): string {
  let left = Math.max(0, Math.floor(seconds));
  const first = TIME_UNITS.findIndex(([, size]) => left >= size);
  const parts = (first < 0 ? TIME_UNITS.slice(-1) : TIME_UNITS.slice(first, first + 2)).flatMap(([unit, size]) => {
    const count = Math.floor(left / size);
    left -= count * size;
    return count === 0 && first >= 0 ? [] : [numbers(locale, { style: "unit", unit, unitDisplay: "short" }).format(count)];
  });
  return parts.join(" ");
}

/** Returns a share of 1 as a percentage. */
export function percentText(share: number, locale: string): string {
  return numbers(locale, { style: "percent", maximumFractionDigits: share < 0.1 ? 1 : 0 }).format(share);
}

/** Returns a time (ms since 1970) in the time zone of the reader. */
export function timeText(time: number, locale: string, seconds = false): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: seconds ? "medium" : "short" }).format(time);
}

/** Returns the milliseconds of a `Timestamp` of the contract. */
export function millisecondsOf(time: { seconds: bigint; nanos: number } | undefined): number {
  return time === undefined ? 0 : Number(time.seconds) * 1000 + time.nanos / 1e6;
}

/** Returns the seconds of a `Duration` of the contract. */
export function secondsOf(duration: { seconds: bigint; nanos: number } | undefined): number {
  return duration === undefined ? 0 : Number(duration.seconds) + duration.nanos / 1e9;
}

/** Returns whether a text is an address or a network, and not the name or the number of a user: no name has `:` or `/`. */
export function isNetwork(text: string): boolean {
  return /[:/]/.test(text) || /^\d+\.\d+\.\d+\.\d+$/.test(text);
}
