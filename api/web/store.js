// What the page knows: the state that comes live, and what is asked for now and then while something on screen needs it.

import {getJson} from "./api.js";

const RETRY_MS = 3000;
const ABSENT_MS = 60000;  // what the server does not have it will hardly get

export const store = {
  state: null,      // {slos, alerts} as the server last said
  receivedAt: 0,    // performance.now() of that
  changedAt: 0,     // … of the last one whose evaluation was a new one
  mode: "connecting",
};

let onChange = () => {};
// `act` is called when anything here changed.
export function whenChanged(act) {
  onChange = act;
}
export const changed = () => onChange();

export function setState(state) {
  const now = performance.now();
  if (store.state?.slos.time !== state.slos.time) store.changedAt = now;
  store.state = state;
  store.receivedAt = now;
  onChange();
}

export function setMode(mode) {
  if (store.mode === mode) return;
  store.mode = mode;
  onChange();
}

const resources = new Map();

async function refresh(path, resource) {
  resource.asking = true;
  try {
    const data = await getJson(path);
    Object.assign(resource, data === null ? {status: "absent", data: null} : {status: "ok", data});
    resource.due = performance.now() + (data === null ? ABSENT_MS : resource.every);
  } catch {
    if (resource.status !== "ok") resource.status = "failed";
    resource.due = performance.now() + RETRY_MS;
  }
  resource.asking = false;
  onChange();
}

// The JSON at `path`, asked for again every `every` milliseconds for as long as drawing calls this:
// {status: "loading" | "ok" | "absent" | "failed", data}. What was there stays while it cannot be renewed.
export function resource(path, every) {
  let found = resources.get(path);
  if (!found) resources.set(path, found = {status: "loading", data: null, due: 0, asking: false, every});
  found.wanted = performance.now();
  found.every = every;
  refreshDue(path, found);
  return found;
}

function refreshDue(path, found) {
  if (!found.asking && performance.now() >= found.due) refresh(path, found);
}

// Asks everything again soon: after a token was given, or the server came back.
export function askAgain() {
  for (const found of resources.values()) found.due = 0;
}

// Forgets what nothing on screen has asked for in a minute.
setInterval(() => {
  for (const [path, found] of resources) {
    if (performance.now() - found.wanted > 60000) resources.delete(path);
  }
}, 10000);
