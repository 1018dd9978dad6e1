// The dashboard: what comes from the server is drawn as the page that the address names.

import {askAgain, store, setMode, setState, whenChanged, changed} from "./store.js";
import {beginDrawing, endDrawing, themeChanged} from "./charts.js";
import {element, fill} from "./dom.js";
import {live} from "./live.js";
import {route, linkTo} from "./router.js";
import {themeSwitch} from "./theme.js";
import {drawFrame} from "./frame.js";
import {remember} from "./burn_memory.js";
import {pageOf} from "./pages.js";

const content = document.getElementById("content");
let planned = false;

function draw() {
  planned = false;
  const {page, name} = route();
  drawFrame(page);
  if (!store.state) {
    if (store.mode !== "connecting") fill(content, element("p", {class: "empty"}, "Nothing to show yet."));
    return;
  }
  beginDrawing();
  fill(content, element("div", {class: "page", "data-key": `${page}/${name}`}, pageOf(page)(store.state, name)));
  endDrawing();
}

// Drawn once a frame at most, and not at all while nobody can see it.
function plan() {
  if (planned || document.hidden) return;
  planned = true;
  requestAnimationFrame(draw);
}

let wantsStream = false;
function onMode(mode) {
  if (store.mode === "disconnected" && mode !== "disconnected") {
    wantsStream = true;  // it is back
    askAgain();
  }
  setMode(mode);
}

whenChanged(plan);
document.addEventListener("visibilitychange", plan);
addEventListener("hashchange", () => {
  draw();
  scrollTo(0, 0);
  content.focus({preventScroll: true});
});
themeSwitch(document.getElementById("theme"), () => { themeChanged(); changed(); });
setInterval(plan, 1000);  // ages grow, and silence is noticed
if (!location.hash) history.replaceState(null, "", linkTo(""));
plan();
live({
  onMode,
  onState: (state) => { remember(state); setState(state); },
  wantsStreamNow: () => { const wants = wantsStream; wantsStream = false; return wants; },
});
