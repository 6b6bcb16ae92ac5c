// Figures of the server over time. Pure: no clock, no DOM.

/** The counters of one answer of the server. Counts are those since the start of the server. */
export interface Sample {
  /** Milliseconds since 1970, when the answer arrived. */
  readonly time: number;
  /** When the server started, in milliseconds since 1970: a restart begins a new series. */
  readonly started: number;
  readonly stored: number;
  readonly delivered: number;
  readonly responses: number;
  readonly refused: number;
  /** CPU time in seconds. */
  readonly cpu: number;
  readonly clients: number;
  readonly queuedBytes: number;
  readonly memoryBytes: number;
}

/** A point of a chart; `value` is undefined where the page did not look, or the server restarted. */
export interface Point {
  readonly time: number;
  readonly value: number | undefined;
}

type Counter = "stored" | "delivered" | "responses" | "refused" | "cpu";
type Gauge = "clients" | "queuedBytes" | "memoryBytes";

/** Samples further apart than this are not joined by a line, in milliseconds. */
export const LONGEST_GAP = 15_000;

/** Returns the newest samples: those of the last `span` milliseconds, `most` at most. */
export function withSample(samples: readonly Sample[], added: Sample, span: number, most = 1000): readonly Sample[] {
  const last = samples.at(-1);
  if (last !== undefined && added.time <= last.time) return samples;
  const kept = last !== undefined && last.started !== added.started ? [] : samples;
  return [...kept.filter((each) => each.time >= added.time - span), added].slice(-most);
}

/** Returns the rate a second between two samples; undefined across a restart, a gap, or no time. */
export function rateBetween(before: Sample, after: Sample, counter: Counter): number | undefined {
  const passed = after.time - before.time;
  if (passed <= 0 || passed > LONGEST_GAP || before.started !== after.started) return undefined;
  return Math.max(0, ((after[counter] - before[counter]) * 1000) / passed);
}

/** Returns the rates of a counter, one point for each sample but the first. */
export function ratesOf(samples: readonly Sample[], counter: Counter): readonly Point[] {
  return samples.slice(1).map((each, index) => ({ time: each.time, value: rateBetween(samples[index]!, each, counter) }));
}

/** Returns the values of a gauge; a long gap is a point without a value. */
export function valuesOf(samples: readonly Sample[], gauge: Gauge): readonly Point[] {
  return samples.flatMap((each, index) => {
    const before = samples[index - 1];
    const point = { time: each.time, value: each[gauge] };
    return before !== undefined && each.time - before.time > LONGEST_GAP ? [{ time: each.time - 1, value: undefined }, point] : [point];
  });
}

/** Returns the newest, the lowest and the highest value; undefined if no point has one. */
export function summaryOf(points: readonly Point[]): { now: number | undefined; lowest: number; highest: number } | undefined {
  const values = points.flatMap((each) => (each.value === undefined ? [] : [each.value]));
  if (values.length === 0) return undefined;
  return { now: points.at(-1)?.value, lowest: Math.min(...values), highest: Math.max(...values) };
}

/** Returns a value of 1, 2 or 5 times a power of ten that is not below `highest`, and at least `least`: the top of a chart. */
export function topOf(highest: number, least: number): number {
  const wanted = Math.max(highest, least);
  const power = 10 ** Math.floor(Math.log10(wanted));
  return [1, 2, 5, 10].map((step) => step * power).find((each) => each >= wanted * (1 - 1e-9)) ?? wanted;
}

/** Returns the data of an SVG path in a box: a line with breaks where points have no value. */
export function pathOf(points: readonly Point[], from: number, until: number, top: number, width: number, height: number): string {
  let joined = false;
  const parts: string[] = [];
  for (const { time, value } of points) {
    if (value === undefined || time < from) {
      joined = false;
      continue;
    }
    const x = ((time - from) / (until - from)) * width;
    const y = height - (Math.min(value, top) / top) * height;
    parts.push(`${joined ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`);
    joined = true;
  }
  return parts.join("");
}
