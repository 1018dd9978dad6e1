// Asking the server. A read token, where the server wants one, is kept for this tab only and sent as a header: never in
// an address, which ends up in logs.

const TOKEN = "firebreak.token";

export class NotAllowed extends Error {}

let onNotAllowed = () => {};
// `act` is called whenever the server wants a token, or another one.
export function whenNotAllowed(act) {
  onNotAllowed = act;
}

export function setToken(token) {
  sessionStorage.setItem(TOKEN, token);
}

export const hasToken = () => sessionStorage.getItem(TOKEN) !== null;

// The answer to GET `path`. Throws NotAllowed for 401 and 403, TypeError when there is no answer.
export async function get(path, {signal, accept = "application/json"} = {}) {
  const headers = {Accept: accept};
  const token = sessionStorage.getItem(TOKEN);
  if (token) headers.Authorization = `Bearer ${token}`;
  const answer = await fetch(path, {headers, signal, cache: "no-store", redirect: "error", credentials: "omit"});
  if (answer.status === 401 || answer.status === 403) {
    onNotAllowed();
    throw new NotAllowed(`${path}: ${answer.status}`);
  }
  return answer;
}

// Its JSON; null when there is no such route (an older server, or a part that is not configured).
export async function getJson(path, options) {
  const answer = await get(path, options);
  if (answer.status === 404) return null;
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.json();
}
