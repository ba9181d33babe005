/** What comes from others: packages and the actions of continuous integration. */
import { globSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { withoutLeftOut } from '../../resources/package/sbom.ts';

/** Of what is installed for users. */
const SHIPPED = ['MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', '0BSD', 'Python-2.0', 'OFL-1.1'];
/** Of tools as well, which stay on developers' machines. */
const TOOLS = ['BlueOak-1.0.0', 'MPL-2.0', 'Unlicense', 'WTFPL', 'CC0-1.0', 'CC-BY-4.0', 'CC BY-SA 4.0'];

const LEFT_OUT =
  /(^|\/)(sharp|@img\/.*|onnxruntime-web|@tensorflow\/tfjs-(backend-webgl|converter|data|layers))$/;

const lockedSchema = z.looseObject({
  license: z.string().default('none stated'),
  dev: z.boolean().default(false),
  integrity: z.string().optional(),
  resolved: z.string().optional(),
  link: z.boolean().default(false),
});
const { '': _project, ...all } = z
  .object({ packages: z.record(z.string(), lockedSchema) })
  .parse(JSON.parse(readFileSync('package-lock.json', 'utf8'))).packages;
const entries = Object.entries(all);
const locked = Object.fromEntries(
  entries.filter(([path, { link }]) => !link && !path.startsWith('resources/left-out/')),
);

/** Whether an SPDX expression can be met by the allowed licences: of "A OR B" one, of "A AND B" all. */
const isAllowed = (expression: string, allowed: readonly string[]): boolean =>
  expression
    .replaceAll(/[()]/g, '')
    .split(' OR ')
    .some((choice) => choice.split(' AND ').every((licence) => allowed.includes(licence)));

describe('packages', () => {
  it.each([
    ['MIT AND LGPL-3.0-or-later', false],
    ['(WTFPL OR MIT)', true],
    ['none stated', false],
  ])('%s may be shipped: %s', (expression, allowed) => expect(isAllowed(expression, SHIPPED)).toBe(allowed));

  it('have licences that allow what is done with them', () => {
    const refused = Object.entries(locked).filter(
      ([, { license, dev }]) => !isAllowed(license, dev ? [...SHIPPED, ...TOOLS] : SHIPPED),
    );
    expect(refused.map(([path, { license }]) => `${path}: ${license}`)).toEqual([]);
  });

  it('come from the registry, and are what they were when they were chosen', () => {
    const elsewhere = Object.entries(locked).filter(
      ([, { integrity, resolved = 'https://registry.npmjs.org/' }]) =>
        !integrity?.startsWith('sha512-') || !resolved.startsWith('https://registry.npmjs.org/'),
    );
    expect(elsewhere.map(([path]) => path)).toEqual([]);
  });

  it('of which nothing is there have no address in the bill of materials', () => {
    const listed = (name: string) => ({
      'bom-ref': `${name}@1.0.0`,
      name,
      purl: `pkg:npm/${name}@1.0.0`,
      properties: [],
    });
    const bill = { bomFormat: 'CycloneDX', components: [listed('zod'), listed('sharp')] };
    const { components, ...rest } = withoutLeftOut(bill);
    expect(rest).toEqual({ bomFormat: 'CycloneDX' });
    expect(components).toEqual([
      bill.components[0],
      expect.objectContaining({
        'bom-ref': 'sharp@1.0.0',
        description: expect.stringContaining('empty package'),
      }),
    ]);
    expect(components[1]).not.toHaveProperty('purl');
  });

  it('are without those that are left out, wherever they are asked for', () => {
    const leftOut = entries.filter(([path]) => LEFT_OUT.test(path) && !path.startsWith('resources/'));
    const names = ['backend-webgl', 'converter', 'data', 'layers'].map((part) => `@tensorflow/tfjs-${part}`);
    expect(leftOut.map(([path, { resolved }]) => [path, resolved])).toEqual(
      [...names, 'onnxruntime-web', 'sharp'].map((name) => [
        `node_modules/${name}`,
        `resources/left-out/${name}`,
      ]),
    );
    // npm 9.2 reads no lock file with one by another name.
    expect(JSON.parse(readFileSync('package.json', 'utf8')).overrides).toBeUndefined();
  });

  it('have all that the package for another device asks of one that is left out', () => {
    const callbacks = createRequire(import.meta.url)('@tensorflow/tfjs-node-gpu/dist/callbacks.js');
    expect(callbacks).toHaveProperty('tensorBoard');
  });

  it('run no scripts when they are installed, whichever npm installs them', () => {
    expect(readFileSync('.npmrc', 'utf8')).toMatch(/^ignore-scripts=true$/m);
  });
});

it('actions are named by commit, with their version beside it', () => {
  const uses = globSync('.github/workflows/*.yml').flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/uses: *(.*)/g)].map(([, action]) => action),
  );
  expect(uses.length).toBeGreaterThan(0);
  expect(uses.filter((action) => !/^[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(action))).toEqual([]);
});
