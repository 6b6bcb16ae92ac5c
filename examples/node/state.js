"use strict";

const { randomUUID } = require("node:crypto");
const fs = require("node:fs");

// Reads what an earlier run left; without a file it returns the state of a new guest.
//
// token makes the bot the same guest again, and is a secret. device_id is the same at each start, so
// a new stream replaces one that is still open. log_id and incarnation say which copy of which log
// gave sequence, the last event that was handled.
function load(path) {
  const fresh = { token: "", device_id: randomUUID(), log_id: "", incarnation: "", sequence: 0 };
  try {
    return { ...fresh, ...JSON.parse(fs.readFileSync(path, "utf8")) };
  } catch (error) {
    if (error.code === "ENOENT") return fresh;
    throw error;
  }
}

let saved = "";

// Replaces the file as a whole, so a crash leaves the old state or the new one.
function save(path, state) {
  const text = JSON.stringify(state, null, 1) + "\n";
  if (text === saved) return;
  const part = `${path}.part`;
  fs.writeFileSync(part, text, { mode: 0o600 });
  fs.renameSync(part, path);
  saved = text;
}

module.exports = { load, save };
