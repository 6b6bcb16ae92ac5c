// Runs the units of tests/*.test.ts by node's test runner, each bundled by esbuild. Arguments pick files by name.
// With PLANT=name the bug of that name (planted.mjs) is built into the engine, and the tests must find it.

import * as esbuild from "esbuild";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { planted } from "./planted.mjs";

const TESTS = dirname(fileURLToPath(import.meta.url));
const picked = process.argv.slice(2);
const names = readdirSync(TESTS).filter((name) => name.endsWith(".test.ts") && (picked.length === 0 || picked.some((each) => name.includes(each))));
// In web/, so that packages that are not bundled are found, and `../src` is the same as from tests/.
const out = mkdtempSync(join(TESTS, "..", ".tests-"));
try {
  await esbuild.build({
    entryPoints: names.map((name) => join(TESTS, name)),
    outdir: out,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    packages: "external",
    jsx: "automatic",
    jsxImportSource: "preact",
    sourcemap: "inline",
    logLevel: "warning",
    plugins: process.env.PLANT ? [planted(process.env.PLANT)] : [],
  });
  const files = readdirSync(out).filter((name) => name.endsWith(".mjs")).map((name) => join(out, name));
  const { status } = spawnSync(process.execPath, ["--enable-source-maps", "--test", "--test-concurrency=1", ...files], { stdio: "inherit" });
  process.exitCode = status ?? 1;
} finally {
  rmSync(out, { recursive: true });
}
