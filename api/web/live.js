// The state as it changes: a stream of server-sent events, and polling where no stream can be had. The stream is read
// with fetch and not with EventSource, which cannot send a token in a header.

import {get, getJson, NotAllowed} from "./api.js";

const POLL_MS = 2000;
const STREAM_AGAIN_MS = 15000;  // while polling, a stream is tried this often
const SILENCE_MS = 45000;       // the server says something at least every 15 s

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

// Calls `take` with the data of every event in `text`, which ends in an empty line; returns what is left over.
export function takeEvents(text, take) {
  const events = text.split("\n\n");
  const rest = events.pop();
  for (const event of events) {
    const data = event.split("\n").filter((line) => line.startsWith("data:")).map((line) => line.slice(5).trimStart());
    if (data.length > 0) take(data.join("\n"));
  }
  return rest;
}

// Reads one stream to its end.
async function follow({onState, onMode}) {
  const abort = new AbortController();
  let watchdog = setTimeout(() => abort.abort(), SILENCE_MS);
  try {
    const answer = await get("/v1/stream", {signal: abort.signal, accept: "text/event-stream"});
    if (!answer.ok) return;
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    onMode("live");
    for (let text = ""; ;) {
      const {value, done} = await reader.read();
      if (done) return;
      clearTimeout(watchdog);
      watchdog = setTimeout(() => abort.abort(), SILENCE_MS);
      text = takeEvents(text + value, (data) => onState(JSON.parse(data)));
    }
  } finally {
    clearTimeout(watchdog);
    abort.abort();
  }
}

async function poll({onState, onMode}) {
  try {
    const state = await getJson("/v1/state");
    if (state) onState(state);
    onMode("polling");
  } catch (error) {
    onMode(error instanceof NotAllowed ? "token" : "disconnected");
  }
}

// Follows the server for as long as the page lives. `onState` gets each state; `onMode` how it comes: "live", "polling",
// "disconnected", "token" (the server wants one).
export async function live(listener) {
  for (;;) {
    try {
      await follow(listener);
    } catch {
      // Cut off, silent, or no answer at all: polling shows which.
    }
    const until = performance.now() + STREAM_AGAIN_MS;
    do {
      await poll(listener);
      await sleep(POLL_MS);
    } while (performance.now() < until && !listener.wantsStreamNow());
  }
}
