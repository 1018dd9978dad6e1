// Which page is shown: the part of the address behind "#", so that every page has a link and the back button works.

// {page, name}: "#/tier/checkout" is {page: "tier", name: "checkout"}, "#/" the overview.
export function route() {
  const [page = "", ...rest] = location.hash.replace(/^#\/?/, "").split("/");
  let name = rest.join("/");
  try {
    name = decodeURIComponent(name);
  } catch {
    // A broken escape is shown as it is.
  }
  return {page: page || "overview", name};
}

export const linkTo = (page, name) => `#/${page}${name === undefined ? "" : `/${encodeURIComponent(name)}`}`;
