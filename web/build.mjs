// Builds the page: web/src/ to chat_grpc/web/. `node build.mjs --check` compares instead of writing.
//
// The output depends on the sources and the lock file only, so that a second build gives the same bytes.

import * as esbuild from "esbuild";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, brotliDecompressSync, constants, gunzipSync, gzipSync } from "node:zlib";

import { plainDescriptors } from "./plain_descriptors.mjs";

const WEB = dirname(fileURLToPath(import.meta.url));
const OUT = join(WEB, "..", "chat_grpc", "web");
const STATIC = join(WEB, "static");
const MAX_GZIP_BYTES = 150_000;
const COMPRESSED = /\.(html|js|css|json|webmanifest|svg|txt)$/;

/** Returns the files that esbuild makes, by name; the keys of `entries` are the entry points. */
async function bundle() {
  const result = await esbuild.build({
    absWorkingDir: WEB,
    entryPoints: ["src/main.tsx"],
    outdir: "out",
    bundle: true,
    splitting: true,
    format: "esm",
    target: ["es2022"],
    minify: true,
    legalComments: "none",
    charset: "utf8",
    jsx: "automatic",
    jsxImportSource: "preact",
    entryNames: "[name]-[hash]",
    chunkNames: "[name]-[hash]",
    assetNames: "[name]-[hash]",
    plugins: [plainDescriptors],
    metafile: true,
    write: false,
    logLevel: "warning",
  });
  const files = new Map(result.outputFiles.map((file) => [relative(join(WEB, "out"), file.path), file.contents]));
  const [script, output] = Object.entries(result.metafile.outputs).find(([, each]) => each.entryPoint === "src/main.tsx");
  return { files, script: relative("out", script), style: output.cssBundle && relative("out", output.cssBundle) };
}

/** Returns the name of a file with the hash of its content, as esbuild writes it: NAME-HASH8.EXT. */
function hashed(name, content) {
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 8).toUpperCase();
  return name.replace(/(\.[a-z0-9]+)$/, `-${hash}$1`);
}

/** Reads the files of web/static; those in `hashed/` get a hash in their name, which templates refer to. */
async function statics(files) {
  const names = new Map();
  if (!existsSync(STATIC)) return names;
  for (const entry of (await readdir(STATIC, { withFileTypes: true, recursive: true })).sort(byName)) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const name = relative(STATIC, path);
    const content = await readFile(path);
    const inHashed = name.startsWith("hashed/");
    const out = inHashed ? hashed(name.slice("hashed/".length), content) : name;
    if (inHashed) names.set(name.slice("hashed/".length), out);
    files.set(out, content);
  }
  return names;
}

function byName(left, right) {
  const [a, b] = [join(left.parentPath, left.name), join(right.parentPath, right.name)];
  return a < b ? -1 : Number(a > b);
}

/** Replaces `{{NAME}}` in the text files of web/static by the hashed name of NAME, and fails on an unknown one. */
function expand(files, names) {
  for (const [name, content] of files) {
    if (!/\.(html|webmanifest)$/.test(name) && name !== "worker.js") continue;
    const text = new TextDecoder().decode(content).replace(/\{\{([^}]+)\}\}/g, (_, key) => {
      if (!names.has(key)) throw new Error(`${name}: there is no file ${key} to refer to; put it in web/static/hashed/`);
      return names.get(key);
    });
    files.set(name, new TextEncoder().encode(text));
  }
}

/** Returns the size of all scripts and styles, gzipped, and adds the compressed variants of the files. */
function compress(files) {
  let total = 0;
  for (const [name, content] of [...files]) {
    if (!COMPRESSED.test(name)) continue;
    const gzip = gzipSync(content, { level: 9 });
    gzip[9] = 255; // the operating system that made it; 255 is "unknown"
    files.set(`${name}.gz`, gzip);
    files.set(
      `${name}.br`,
      brotliCompressSync(content, {
        params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length },
      }),
    );
    if (/\.(js|css)$/.test(name)) total += gzip.length;
  }
  return total;
}

/** Returns all files of the page by name. */
async function build() {
  const { files, script, style } = await bundle();
  const names = await statics(files);
  names.set("script", script);
  names.set("style", style ?? "");
  names.set("shell", JSON.stringify(["./", ...[...files.keys()].filter((name) => /-[A-Z0-9]{8}\./.test(name)).sort()]));
  files.set("index.html", await readFile(join(WEB, "index.html")));
  expand(files, names);
  return files;
}

/** Returns the names that are missing in OUT, left over, or different. */
async function differences(files) {
  const kept = (await readdir(OUT, { withFileTypes: true, recursive: true })).filter((each) => each.isFile());
  const names = new Set(kept.map((each) => relative(OUT, join(each.parentPath, each.name))));
  const wrong = [...names].filter((name) => !files.has(name));
  for (const [name, content] of files) {
    if (!names.has(name) || !plain(name, content).equals(plain(name, await readFile(join(OUT, name))))) wrong.push(name);
  }
  return wrong.sort();
}

/** Returns the content without compression, whose bytes depend on the version of node. */
function plain(name, content) {
  if (name.endsWith(".gz")) return gunzipSync(content);
  return name.endsWith(".br") ? brotliDecompressSync(content) : Buffer.from(content);
}

async function write(files) {
  await rm(OUT, { recursive: true, force: true });
  for (const [name, content] of files) {
    await mkdir(dirname(join(OUT, name)), { recursive: true });
    await writeFile(join(OUT, name), content);
  }
}

function fail(message) {
  console.error(message);
  process.exit(1);
}

const files = await build();
const total = compress(files);
console.log(`${total} bytes of scripts and styles, gzipped`);
if (total > MAX_GZIP_BYTES) {
  fail(`The bundle has ${total} bytes, gzipped; at most ${MAX_GZIP_BYTES} are allowed. Remove something, or load it later.`);
}
if (process.argv.includes("--check")) {
  const wrong = await differences(files);
  if (wrong.length > 0) fail(`chat_grpc/web differs from web/src: ${wrong.join(", ")}; run \`make web\``);
} else {
  await write(files);
}
