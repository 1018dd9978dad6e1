// Tables that stay usable with a thousand rows: searched, sorted, and shown a page at a time.

import {element, on} from "./dom.js";
import {integer} from "./format.js";
import {empty} from "./parts.js";
import {changed} from "./store.js";

const PAGE = 25;
const choices = new Map();  // by table: {sort, down, query, page}

function choiceOf(key, sort) {
  if (!choices.has(key)) choices.set(key, {sort, down: true, query: "", page: 0});
  return choices.get(key);
}

on("table-sort", (button) => {
  const choice = choices.get(button.dataset.table);
  choice.down = choice.sort === button.dataset.column ? !choice.down : true;
  choice.sort = button.dataset.column;
  choice.page = 0;
  changed();
});
on("table-search", (input) => {
  Object.assign(choices.get(input.dataset.table), {query: input.value, page: 0});
  changed();
});
on("table-page", (button) => {
  choices.get(button.dataset.table).page += Number(button.dataset.step);
  changed();
});

function compare(a, b) {
  if (typeof a === "string" && typeof b === "string") return b.localeCompare(a);
  return (a ?? -Infinity) - (b ?? -Infinity);
}

function heading(key, column, choice) {
  const sorted = choice.sort === column.name;
  return element("th", {scope: "col", class: column.kind, "aria-sort": sorted && (choice.down ? "descending" : "ascending")},
    element("button", {type: "button", "data-action": "table-sort", "data-table": key, "data-column": column.name},
      column.title, sorted && (choice.down ? " ▾" : " ▴")));
}

function pager(key, choice, pages, found, all) {
  const step = (by, text, possible) => element("button", {
    type: "button", "data-action": "table-page", "data-table": key, "data-step": by, disabled: !possible}, text);
  return element("div", {class: "pager"},
    element("span", {role: "status"}, found === all ? `${integer(all)} in all` : `${integer(found)} of ${integer(all)}`),
    pages > 1 && [step(-1, "‹ Back", choice.page > 0), element("span", null, `page ${choice.page + 1} of ${pages}`),
      step(1, "Next ›", choice.page + 1 < pages)]);
}

// The search field of the table `key`, to be put wherever there is room.
export function searchField(key, label) {
  return element("input", {type: "search", placeholder: label, "aria-label": label, "data-key": `search-${key}`,
    "data-action": "table-search", "data-on": "input", "data-table": key});
}

// `columns`: {name, title, kind, value(row) to sort by, cell(row) to show}; the first names the row. `text(row)` is what
// is searched. `sort` is the column sorted by at first, largest on top.
export function bigTable({key, caption, columns, rows, text, sort}) {
  const choice = choiceOf(key, sort);
  const query = choice.query.trim().toLowerCase();
  const found = query ? rows.filter((row) => text(row).toLowerCase().includes(query)) : [...rows];
  const by = columns.find((column) => column.name === choice.sort) ?? columns[0];
  found.sort((a, b) => (choice.down ? 1 : -1) * compare(by.value(b), by.value(a)));
  const pages = Math.max(1, Math.ceil(found.length / PAGE));
  choice.page = Math.min(Math.max(0, choice.page), pages - 1);
  const visible = found.slice(choice.page * PAGE, (choice.page + 1) * PAGE);
  return element("div", {"data-key": `table-${key}`},
    found.length === 0 ? empty(query ? `Nothing here has “${choice.query.trim()}” in it.` : "Nothing yet.")
      : element("div", {class: "scroll"}, element("table", {class: "cards"}, element("caption", {class: "unseen"}, caption),
        element("thead", null, element("tr", null, columns.map((column) => heading(key, column, choice)))),
        element("tbody", null, visible.map((row) => element("tr", null, columns.map((column, i) => i === 0
          ? element("th", {scope: "row", class: "name"}, column.cell(row))
          : element("td", {class: column.kind, "data-label": column.title}, column.cell(row)))))))),
    pager(key, choice, pages, found.length, rows.length));
}
