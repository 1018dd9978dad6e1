// What every page of Firebreak shares. `page.data` is what it shows.
"use strict";

const page = (() => {
  const charts = [];
  const dark = matchMedia("(prefers-color-scheme: dark)");

  // An element with classes, attributes and children; strings become text, never markup.
  function element(tag, attributes, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
      else made.setAttribute(name, value);
    }
    made.append(...children);
    return made;
  }

  // The colours of the present theme, as page.css names them: colour("text").
  function colour(name) {
    return getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
  }

  function draw(chart) {
    chart.instance.setOption(chart.makeOption(), {replaceMerge: []});
  }

  // Draws makeOption() into `holder`, and again when the theme changes; follows the holder's size.
  function chart(holder, makeOption) {
    const instance = echarts.init(holder, null, {renderer: "canvas"});
    const made = {instance, makeOption};
    charts.push(made);
    draw(made);
    new ResizeObserver(() => instance.resize()).observe(holder);
    return instance;
  }

  function redraw() {
    for (const made of charts) draw(made);
  }

  function isDark() {
    return (document.documentElement.dataset.theme || (dark.matches ? "dark" : "light")) === "dark";
  }

  function themeButton() {
    const button = element("button", {type: "button", class: "theme", onclick: () => {
      document.documentElement.dataset.theme = isDark() ? "light" : "dark";
      label();
      redraw();
    }});
    const label = () => {
      button.textContent = isDark() ? "☀" : "☾";
      button.setAttribute("aria-label", isDark() ? "Light colours" : "Dark colours");
    };
    dark.addEventListener("change", () => { label(); redraw(); });
    label();
    return button;
  }

  const two = (number) => String(number).padStart(2, "0");
  // "2026-03-01 10:42:30", UTC, of milliseconds.
  function time(ms) {
    const at = new Date(ms);
    return `${at.getUTCFullYear()}-${two(at.getUTCMonth() + 1)}-${two(at.getUTCDate())} ` +
      `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())}`;
  }

  const counts = new Intl.NumberFormat("en-US");
  const integer = (number) => counts.format(number);
  // At most so many digits behind the point, and no zeros at their end: "11.000" would read as thousands.
  const percent = (share, digits = 2) => `${Number((100 * share).toFixed(digits))} %`;

  // Characters that turn the direction of what stands around them are shown as what they are.
  const shown = (text) => text.replace(/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
    (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, "0")}`);
  const data = JSON.parse(document.getElementById("data").textContent,
    (key, value) => typeof value === "string" ? shown(value) : value);
  return {data, element, colour, chart, redraw, themeButton, time, integer, percent};
})();
