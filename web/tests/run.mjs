// Runs the units of tests/*.test.ts by node's test runner, each bundled by esbuild. Arguments pick files by name.

import * as esbuild from "esbuild";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const TESTS = dirname(fileURLToPath(import.meta.url));
const picked = process.argv.slice(2);
const names = readdirSync(TESTS).filter((name) => name.endsWith(".test.ts") && (picked.length === 0 || picked.some((each) => name.includes(each))));
// Beside node_modules, so that packages that are not bundled are found.
const out = mkdtempSync(join(TESTS, "..", "node_modules", ".tests-"));
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
  });
  const files = readdirSync(out).filter((name) => name.endsWith(".mjs")).map((name) => join(out, name));
  const { status } = spawnSync(process.execPath, ["--enable-source-maps", "--test", ...files], { stdio: "inherit" });
  process.exitCode = status ?? 1;
} finally {
  rmSync(out, { recursive: true });
}
