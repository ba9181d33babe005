/** Where the user is, kept in the address: "#/runs/4kc" is the screen "runs" with the path ["4kc"]. */
import { create } from 'zustand';
import { afterPaint } from './after-paint.ts';

export interface Route {
  screen: string;
  path: string[];
  query: URLSearchParams;
}

const FIRST_SCREEN = 'home';

export function parseRoute(hash: string): Route {
  const [address, query = ''] = hash.replace(/^#\/?/, '').split('?', 2);
  const [screen, ...path] = address
    .split('/')
    .filter((part) => part !== '')
    .map(decoded);
  return { screen: screen ?? FIRST_SCREEN, path, query: new URLSearchParams(query) };
}

/** An address may be typed or cut short: what is no encoding stays as it is. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** The address of a place, for links. */
export function routeLink(
  screen: string,
  path: readonly string[] = [],
  query: Record<string, string> = {},
): string {
  const text = new URLSearchParams(query).toString();
  const address = [screen, ...path].map(encodeURIComponent).join('/');
  return `#/${address}${text === '' ? '' : `?${text}`}`;
}

/** What is shown. */
export const useRoute = create<Route>(() => parseRoute(location.hash));

/** What was asked for, and is shown from the next paint on. */
export const useAddress = create<Route>(() => useRoute.getState());

let followed = location.hash;
window.addEventListener('hashchange', followAddress);

function followAddress(): void {
  if (location.hash !== followed) show(parseRoute(location.hash), follow);
}

/** Another screen takes a while to draw: the sidebar answers before it. */
function show(route: Route, act: () => void): void {
  if (route.screen === useRoute.getState().screen) {
    act();
    return;
  }
  useAddress.setState(route);
  afterPaint(act);
}

function follow(): void {
  followed = location.hash;
  const route = parseRoute(followed);
  useAddress.setState(route);
  useRoute.setState(route);
}

/** The same place in another state: Back leads to where the user was before it. */
export function replaceQuery(query: Record<string, string>): void {
  const { screen, path } = useRoute.getState();
  history.replaceState(history.state, '', routeLink(screen, path, query));
  followAddress();
}

/** What the address keeps under a key for how something is looked at; null where it says nothing. */
export function useKept(key: string): [string | null, (value: string | null) => void] {
  const kept = useRoute(({ query }) => query.get(key));
  const keep = (value: string | null) => {
    const { [key]: _, ...query } = Object.fromEntries(useRoute.getState().query);
    replaceQuery(value === null ? query : { ...query, [key]: value });
  };
  return [kept, keep];
}

/** One of several values that the address keeps. */
export function useChoice<T extends string>(
  key: string,
  choices: readonly T[],
  fallback: T = choices[0],
): [T, (value: T) => void] {
  const [kept, keep] = useKept(key);
  const choose = (value: T) => keep(value === fallback ? null : value);
  return [choices.find((choice) => choice === kept) ?? fallback, choose];
}

export function goTo(screen: string, path: readonly string[] = [], query: Record<string, string> = {}): void {
  goToAddress(routeLink(screen, path, query));
}

/** As `goTo`, to where a link leads. */
export function goToAddress(address: string): void {
  show(parseRoute(address), () => {
    location.hash = address;
    // The browser tells of it later, and the next key or click builds upon what is shown.
    follow();
  });
}
