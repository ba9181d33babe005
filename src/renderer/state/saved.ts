/** What a user has saved under names, such as views: in the data folder, to be taken back as any change. */
import { z } from 'zod';
import type { Change } from '../../core/api/changes.ts';
import { change } from './deeds.ts';
import { useView } from './view.ts';

/** How those of one kind are read and changed; what is stored may be of an older version. */
export function savedUnder<T>(key: string, what: string, of: z.ZodType<T>) {
  const all = z.array(z.object({ name: z.string(), view: of }));
  const none: z.output<typeof all> = [];
  const check = (stored: unknown) => all.safeParse(stored).data ?? null;
  return {
    useAll: () => useView(key, none, check)[0],
    /** In the place of what has the name; null deletes that. */
    keep(name: string, value: T | null): void {
      const done = value === null ? 'Deleted' : 'Replaced';
      const words = ([{ from }]: readonly Change[]) => ({
        label: `${value === null ? 'deletion' : 'saving'} of the ${what} ${name}`,
        title: from === null ? undefined : `${done} the ${what} ${name}`,
      });
      void change(`Could not ${value === null ? 'delete' : 'save'} the ${what}`, words, [
        { of: 'view', key, name, to: value === null ? null : JSON.parse(JSON.stringify(of.parse(value))) },
      ]);
    },
  };
}
