// What surrounds every page: navigation, how fresh things are, and what must be known first.

import {askAgain, changed, store} from "./store.js";
import {element, fill, on} from "./dom.js";
import {alertsOf} from "./model.js";
import {hasToken, setToken, whenNotAllowed} from "./api.js";
import {duration, time} from "./format.js";
import {linkTo} from "./router.js";
import {NAVIGATION} from "./pages.js";

const STALE_MS = 30000;
const MODES = {connecting: "Connecting", live: "Live", polling: "Polling", stale: "Stale", disconnected: "Disconnected", token: "Token wanted"};

const id = (name) => document.getElementById(name);
let announced = null;
let tokenWanted = false;

whenNotAllowed(() => { tokenWanted = true; });
on("give-token", (form, event) => {
  event.preventDefault();
  setToken(form.elements.token.value.trim());
  form.reset();
  tokenWanted = false;
  askAgain();
  changed();
});

// "stale": answers come, and they are of an evaluation that is not the present one.
function freshness() {
  const age = performance.now() - store.changedAt;
  if (store.state && store.mode !== "disconnected" && store.mode !== "token" && age > STALE_MS) return {mode: "stale", age};
  return {mode: store.mode, age};
}

function tokenForm() {
  return element("div", {class: "notice"},
    element("form", {"data-action": "give-token", "data-on": "submit"},
      element("label", {for: "token"}, hasToken() ? "This token does not open the page. Another:" : "This server wants a read token:"),
      element("input", {id: "token", name: "token", type: "password", autocomplete: "off", required: true}),
      element("button", {type: "submit", class: "quiet"}, "Open")),
    element("span", {class: "small muted"}, "Kept until this tab is closed."));
}

function notice({mode, age}) {
  if (tokenWanted) return tokenForm();
  const shown = store.state ? ` What is shown is ${duration(performance.now() - store.receivedAt)} old.` : "";
  if (mode === "disconnected") {
    return element("div", {class: "notice", "data-tone": "bad"}, element("strong", null, "✕ The server does not answer."), `Trying again every two seconds.${shown}`);
  }
  if (mode === "stale") {
    return element("div", {class: "notice"}, element("strong", null, "▲ No new evaluation."), `The server answers, but its last evaluation came ${duration(age)} ago.`);
  }
  return null;
}

// Said to those who hear the page: what fires, what ended, and whether the server is there.
function announce(mode) {
  const firing = store.state ? alertsOf(store.state, "firing").map((alert) => alert.annotations.summary ?? alert.labels.alertname) : [];
  const text = mode === "disconnected" ? "The server does not answer."
    : firing.length > 0 ? `${firing.length} firing: ${firing.map((summary) => summary.replace(/:.*/, "")).join("; ")}`
      : store.state ? "No alert is firing." : "";
  if (text === announced) return;
  announced = text;
  id("announce").textContent = text;
}

function title(page) {
  const firing = store.state ? alertsOf(store.state, "firing").length : 0;
  const name = NAVIGATION.find(([key]) => key === page)?.[1];
  document.title = `${firing > 0 ? `(${firing}) ` : ""}${name ? `${name} · ` : ""}Firebreak`;
}

export function drawFrame(page) {
  const fresh = freshness();
  fill(id("nav"), NAVIGATION.map(([key, name]) =>
    element("a", {href: linkTo(key === "overview" ? "" : key), "aria-current": key === page && "page"}, name)));
  fill(id("service"), store.state ? store.state.slos.service : "");
  id("connection").dataset.mode = fresh.mode;
  fill(id("connection"), MODES[fresh.mode]);
  fill(id("clock"), store.state ? ["evaluated ", time(store.state.slos.time, store.state.slos.time)] : "");
  fill(id("notice"), notice(fresh));
  announce(fresh.mode);
  title(page);
}
