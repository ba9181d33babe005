/** The comparison and the codebook that were looked at last, kept between sessions. */
import { useEffect } from 'react';
import { z } from 'zod';
import { useRoute } from './navigation.ts';
import { useView } from './view.ts';

/** Addresses by screen. */
const lastPlaces = z.object({ compare: z.string().optional(), codebooks: z.string().optional() });
export type LastPlaces = z.output<typeof lastPlaces>;

const NONE: LastPlaces = {};
const check = (stored: unknown) => lastPlaces.safeParse(stored).data ?? null;

export function useLastPlaces() {
  return useView('home:last', NONE, check);
}

/** Keeps where the user is, if that is something to come back to. */
export function useKeptPlaces(): void {
  const route = useRoute();
  const [places, change, ready] = useLastPlaces();
  useEffect(() => {
    const { screen, path, query } = route;
    const isPlace = screen === 'compare' ? query.has('runs') : screen === 'codebooks' && path.length > 0;
    if (!ready || !isPlace || places[screen as keyof LastPlaces] === location.hash) return;
    change({ ...places, [screen]: location.hash });
  }, [route, places, change, ready]);
}
