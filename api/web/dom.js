// Building the page and keeping it up to date. Text is only ever text: nothing here takes markup.

const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

// Text with every character that is invisible, or turns the direction of what stands around it, written out.
export function shown(text) {
  return String(text).replace(HIDDEN, (hidden) => `\\u${hidden.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

function build(made, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    made.setAttribute(name, value === true ? "" : shown(value));
  }
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    made.append(child instanceof Node ? child : shown(child));
  }
  return made;
}

// An element with attributes and children. Strings become text; null, undefined and false are left out.
export const element = (tag, attributes, ...children) => build(document.createElement(tag), attributes, children);

// The same for drawings.
export const svg = (tag, attributes, ...children) =>
  build(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);

const keyOf = (node) => (node.nodeType === Node.ELEMENT_NODE ? node.getAttribute("data-key") : null);

// What the reader set stays as it is, whatever is drawn anew.
const READERS_OWN = new Set(["open", "value"]);

function syncAttributes(old, fresh) {
  for (const {name} of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && !READERS_OWN.has(name)) old.removeAttribute(name);
  }
  for (const {name, value} of fresh.attributes) {
    if (!READERS_OWN.has(name) && old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
}

function morphChildren(old, fresh) {
  const keyed = new Map([...old.children].filter(keyOf).map((child) => [keyOf(child), child]));
  let at = old.firstChild;
  for (const child of [...fresh.childNodes]) {
    const match = keyed.get(keyOf(child));
    if (match) {
      keyed.delete(keyOf(child));
      if (match === at) at = at.nextSibling;
      else old.insertBefore(match, at);
      morph(match, child);
    } else if (at && !keyOf(at)) {
      const next = at.nextSibling;
      morph(at, child);
      at = next;
    } else {
      old.insertBefore(child, at);
    }
  }
  while (at) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
}

// Makes `old` look like `fresh`, touching only what differs: focus, scroll positions and selections stay. Children with
// `data-key` are told apart by it; what is inside of `data-keep` belongs to somebody else.
export function morph(old, fresh) {
  if (old.nodeName !== fresh.nodeName || keyOf(old) !== keyOf(fresh)) {
    old.replaceWith(fresh);
  } else if (old.nodeType === Node.TEXT_NODE) {
    if (old.nodeValue !== fresh.nodeValue) old.nodeValue = fresh.nodeValue;
  } else {
    syncAttributes(old, fresh);
    if (!old.hasAttribute("data-keep")) morphChildren(old, fresh);
  }
}

// Makes the children of `holder` the ones given.
export function fill(holder, ...children) {
  const fresh = holder.cloneNode(false);
  morph(holder, build(fresh, null, children));
}

const actions = new Map();

// What happens when an element with `data-action="name"` is clicked, changed or typed into.
export function on(name, act) {
  actions.set(name, act);
}

function dispatch(event) {
  const target = event.target.closest?.("[data-action]");
  if (!target || (target.dataset.on ?? "click") !== event.type) return;
  actions.get(target.dataset.action)?.(target, event);
}
for (const type of ["click", "input", "change", "submit"]) document.addEventListener(type, dispatch);
