/**
 * Prints a bill of materials (CycloneDX) of what is installed, as `npm sbom` writes it: `npm run -s sbom`. In it the empty packages
 * of resources/left-out are no longer taken for those whose names they have.
 */
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const property = z.looseObject({ name: z.string(), value: z.string() });
const component = z.looseObject({
  name: z.string(),
  purl: z.string().optional(),
  properties: z.array(property).default([]),
});
const bill = z.looseObject({ components: z.array(component) });

/** By its address a scanner would look for the faults of a package of which nothing is there. */
export function withoutLeftOut(given: unknown): z.output<typeof bill> {
  const { components, ...rest } = bill.parse(given);
  return { ...rest, components: components.map((one) => (isLeftOut(one) ? marked(one) : one)) };
}

/** npm says of no package where it comes from. */
const leftOut = readdirSync(join(import.meta.dirname, '../left-out'));
const isLeftOut = ({ name }: z.output<typeof component>) => leftOut.includes(name);

function marked({ purl: _, ...one }: z.output<typeof component>): z.output<typeof component> {
  const properties = [...one.properties, { name: 'tessera:left-out', value: 'true' }];
  return { ...one, description: `An empty package in place of ${one.name}, which is left out.`, properties };
}

if (import.meta.main) {
  const shell = process.platform === 'win32';
  const written = execFileSync('npm', ['sbom', '--sbom-format', 'cyclonedx'], {
    encoding: 'utf8',
    maxBuffer: 1e8,
    shell,
  });
  process.stdout.write(`${JSON.stringify(withoutLeftOut(JSON.parse(written)), null, 2)}\n`);
}
