import { intlLocale } from "../../texts/index.ts";
import { serverTexts } from "../../texts/server/index.ts";
import { pathOf, summaryOf, topOf, type Point } from "./figures.ts";
import { durationText } from "./format.ts";

const WIDTH = 240;
const HEIGHT = 48;

export interface ChartProps {
  name: string;
  points: readonly Point[];
  /** The newest time of the chart in ms since 1970. */
  until: number;
  /** The time that the chart covers, in milliseconds. */
  span: number;
  format: (value: number) => string;
  /** The least value at the top of the chart: an idle server draws a calm line. */
  least: number;
}

/** A value with its course over the last minutes. Screen readers get the newest, lowest and highest value. */
export function Chart({ name, points, until, span, format, least }: ChartProps) {
  const words = serverTexts.value.overview;
  const found = summaryOf(points);
  const top = topOf(found?.highest ?? 0, least);
  const now = found?.now === undefined ? "–" : format(found.now);
  const label =
    found === undefined
      ? words.chartEmpty(name)
      : words.chart(name, now, format(found.lowest), format(found.highest), durationText(span / 1000, intlLocale.value));
  const line = pathOf(points, until - span, until, top, WIDTH, HEIGHT);
  return (
    <figure class="chart" role="img" aria-label={label}>
      <figcaption class="chart-head" aria-hidden="true">
        <span class="muted">{name}</span>
        <strong>{now}</strong>
      </figcaption>
      <div class="chart-top muted" aria-hidden="true">
        {format(top)}
      </div>
      <svg viewBox={`0 -1 ${WIDTH} ${HEIGHT + 2}`} preserveAspectRatio="none" aria-hidden="true">
        <path class="chart-base" d={`M0 ${HEIGHT}H${WIDTH}`} />
        <path class="chart-line" d={line} />
      </svg>
    </figure>
  );
}
