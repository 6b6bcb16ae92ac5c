// Bundles a program of the tests into one file: `node tests/bundle.mjs device FILE`. With PLANT=name the bug of that
// name (planted.mjs) is built into the engine.

import * as esbuild from "esbuild";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { planted } from "./planted.mjs";

const [name, file] = process.argv.slice(2);
await esbuild.build({
  entryPoints: [join(dirname(fileURLToPath(import.meta.url)), `${name}.ts`)],
  outfile: file,
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20",
  // `ws` is CommonJS, and requires modules of node.
  banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
  sourcemap: "inline",
  logLevel: "warning",
  plugins: process.env.PLANT ? [planted(process.env.PLANT)] : [],
});
