// Light or dark: as the system is, until the reader says otherwise.

const KEY = "firebreak.theme";
const system = matchMedia("(prefers-color-scheme: dark)");

function stored() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;  // no storage here: the choice lasts as long as the page
  }
}

export const isDark = () => (document.documentElement.dataset.theme || (system.matches ? "dark" : "light")) === "dark";

// The present theme's colour of that name in the style sheets: colour("text").
export const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

// Makes `button` the switch; `onChange` is called when colours changed.
export function themeSwitch(button, onChange) {
  const choice = stored();
  if (choice) document.documentElement.dataset.theme = choice;
  const label = () => {
    button.textContent = isDark() ? "☀" : "☾";
    button.setAttribute("aria-label", isDark() ? "Switch to light colours" : "Switch to dark colours");
    button.title = button.getAttribute("aria-label");
  };
  button.addEventListener("click", () => {
    const next = isDark() ? "light" : "dark";
    document.documentElement.dataset.theme = next;
    try {
      localStorage.setItem(KEY, next);
    } catch {
      // see stored()
    }
    label();
    onChange();
  });
  system.addEventListener("change", () => { label(); onChange(); });
  label();
}
