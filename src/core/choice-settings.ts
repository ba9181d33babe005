/** A config key that chooses from a table, and the keys that only some of its entries read. */
import { z } from 'zod';

export type Choices = Readonly<Record<string, { summary: string; settings: object }>>;
type KeysOf<S> = S extends unknown ? keyof S : never;
type ValueAt<S, K> = S extends unknown ? (K extends keyof S ? S[K] : never) : never;
type Joined<S> = { [K in KeysOf<S>]: ValueAt<S, K> };
/** The settings of all entries. */
export type SettingsOf<C extends Choices> = Joined<C[keyof C]['settings']>;

/** The key itself; its help tells what each entry means. */
export function choiceField<C extends Choices>(choice: C, description: string, standard: keyof C & string) {
  const ids = Object.keys(choice) as (keyof C & string)[];
  const meanings = Object.fromEntries(ids.map((id) => [id, choice[id].summary]));
  return z
    .enum(ids)
    .describe(description)
    .meta({ meanings })
    .default(standard as never);
}

/** What the entries read; a form shows a setting where the chosen entry reads it. `own`: keys that are no entry's alone. */
export function choiceSettings<C extends Choices>(
  key: string,
  choice: C,
  own: (key: string) => boolean = () => false,
): SettingsOf<C> {
  const all: z.ZodRawShape = Object.assign({}, ...Object.values(choice).map(({ settings }) => settings));
  const settings = Object.entries(all).flatMap(([setting, schema]) => {
    const readers = Object.keys(choice).filter((id) => setting in choice[id].settings);
    return own(setting) ? [] : [[setting, (schema as z.ZodType).meta({ readWith: { [key]: readers } })]];
  });
  return Object.fromEntries(settings) as SettingsOf<C>;
}
