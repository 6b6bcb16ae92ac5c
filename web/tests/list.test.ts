import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { Heights } from "../src/list/heights.ts";
import { Layout } from "../src/list/layout.ts";

const rows = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => ({ key: `k${from + at}`, estimate: 20 }));

/** The distance of a row's top from the top of the viewport. */
const place = (layout: Layout, key: string) => layout.top(key) - layout.scrollTop;

function listOf(count: number): Layout {
  const layout = new Layout();
  layout.setViewport(500);
  layout.setRows(rows(0, count));
  return layout;
}

test("sums and places of heights agree with those of an array", () => {
  const heights = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 70 });
  fc.assert(fc.property(heights, fc.nat(), fc.integer({ min: 1, max: 500 }), fc.nat(9000), (all, at, height, distance) => {
    const tree = new Heights(all);
    const index = at % all.length;
    all[index] = height;
    tree.set(index, height);
    const tops = all.map((_, end) => all.slice(0, end).reduce((a, b) => a + b, 0));
    tops.forEach((top, each) => assert.equal(tree.top(each), top));
    assert.equal(tree.at(distance), tops.findLastIndex((top) => top <= distance));
  }));
});

test("a list begins at its end and stays there as rows are added or grow", () => {
  const layout = listOf(100);
  assert.equal(layout.scrollTop, 1500);
  layout.setRows(rows(0, 101));
  layout.measure("k100", 120);
  assert.equal(layout.scrollTop, 101 * 20 + 100 - 500);
});

test("the place stays as older rows are added, and as rows above are measured", () => {
  const layout = listOf(100);
  layout.scrolled(805);
  assert.equal(place(layout, "k40"), -5);
  layout.setRows(rows(-300, 100));
  for (let at = -300; at < 40; at += 1) layout.measure(`k${at}`, 33);
  assert.equal(place(layout, "k40"), -5);
});

test("the place stays as the viewport is resized, and as newer rows come", () => {
  const layout = listOf(100);
  layout.scrolled(805);
  layout.setViewport(200);
  layout.setRows(rows(0, 140));
  assert.equal(place(layout, "k40"), -5);
  assert.equal(layout.atEnd, false);
});

test("if the row of the place is removed, the next one takes its place", () => {
  const layout = listOf(100);
  layout.scrolled(800);
  layout.setRows(rows(0, 100).filter((row) => row.key !== "k40"));
  assert.equal(place(layout, "k41"), 0);
});

test("a jump shows the row in its place, however high the rows around it are", () => {
  const layout = listOf(50_000);
  assert.ok(layout.scrollTo("k20000", 0));
  for (const row of rows(19_960, 20_060)) layout.measure(row.key, 77);
  assert.equal(place(layout, "k20000"), 0);
  assert.equal(layout.scrollTo("nothing", 0), false);
});

test("a row is revealed with the least movement", () => {
  const layout = listOf(100);
  layout.scrolled(800);
  layout.reveal("k45");
  assert.equal(layout.scrollTop, 800);
  layout.reveal("k39");
  assert.equal(place(layout, "k39"), 0);
  layout.reveal("k70");
  assert.equal(place(layout, "k70"), 480);
});

test("only rows near the viewport are in the page, of any number of rows", () => {
  const layout = listOf(50_000);
  layout.scrolled(500_000);
  const { first, end } = layout.range();
  assert.ok(end - first < 100);
  assert.ok(layout.top(`k${first}`) <= 499_400 && layout.top(`k${end}`) >= 501_100);
});

test("scrolling through 50,000 rows that are measured on the way takes under a millisecond a step", () => {
  const layout = listOf(50_000);
  const start = performance.now();
  for (let step = 0; step < 1000; step += 1) {
    layout.scrolled(step * 700);
    const { first, end } = layout.range();
    for (let at = first; at < end; at += 1) layout.measure(`k${at}`, 20 + (at % 50));
  }
  assert.ok((performance.now() - start) / 1000 < 1);
});
