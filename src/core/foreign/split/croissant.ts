/** Croissant 1.0 (JSON-LD) beside an exported split: what machines read of its files. License, authors and address are not known, and not made up. */
import type { ExportFormat } from './formats.ts';
import type { Manifest } from './manifest.ts';

export const CROISSANT = 'croissant.json';

/** A column of a file, with its type as DuckDB says it. */
export interface Column {
  name: string;
  type: string;
}

/** Terms of the vocabulary, as the specification has them. */
const CONTEXT = {
  '@language': 'en',
  '@vocab': 'https://schema.org/',
  citeAs: 'cr:citeAs',
  column: 'cr:column',
  conformsTo: 'dct:conformsTo',
  cr: 'http://mlcommons.org/croissant/',
  data: { '@id': 'cr:data', '@type': '@json' },
  dataType: { '@id': 'cr:dataType', '@type': '@vocab' },
  dct: 'http://purl.org/dc/terms/',
  equivalentProperty: 'cr:equivalentProperty',
  examples: { '@id': 'cr:examples', '@type': '@json' },
  extract: 'cr:extract',
  field: 'cr:field',
  fileObject: 'cr:fileObject',
  fileProperty: 'cr:fileProperty',
  fileSet: 'cr:fileSet',
  format: 'cr:format',
  includes: 'cr:includes',
  isLiveDataset: 'cr:isLiveDataset',
  jsonPath: 'cr:jsonPath',
  key: 'cr:key',
  md5: 'cr:md5',
  parentField: 'cr:parentField',
  path: 'cr:path',
  rai: 'http://mlcommons.org/croissant/RAI/',
  recordSet: 'cr:recordSet',
  references: 'cr:references',
  regex: 'cr:regex',
  repeated: 'cr:repeated',
  replace: 'cr:replace',
  samplingRate: 'cr:samplingRate',
  sc: 'https://schema.org/',
  separator: 'cr:separator',
  source: 'cr:source',
  subField: 'cr:subField',
  transform: 'cr:transform',
};

const ENCODINGS: Record<ExportFormat, string> = {
  csv: 'text/csv',
  parquet: 'application/x-parquet',
  recbole: 'text/tab-separated-values',
  sequences: 'text/plain',
};

/** What a type of DuckDB holds; every other one is text. */
const FROM_DUCK: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ['TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT'].flatMap((type) => [
      [type, 'sc:Integer'],
      [`U${type}`, 'sc:Integer'],
    ]),
  ),
  ...Object.fromEntries(['FLOAT', 'DOUBLE', 'DECIMAL'].map((type) => [type, 'sc:Float'])),
  BOOLEAN: 'sc:Boolean',
};

/** `columns`: of each file that is a table, by its name. */
export function croissantOf(
  { dataset, files, format, reading, split, fingerprint, filters }: Manifest,
  columns: Readonly<Record<string, readonly Column[]>>,
): object {
  const set = Object.entries(filters).map(([key, value]) => `${key} ${String(value)}`);
  return {
    '@context': CONTEXT,
    '@type': 'sc:Dataset',
    conformsTo: 'http://mlcommons.org/croissant/1.0',
    name: dataset.name,
    description: `${dataset.name}, parted for training, validation and test (${split.split}), as Tessera exported it; import: ${set.join(', ')}; fingerprint of the split ${fingerprint}.`,
    distribution: files.map(({ name, bytes, sha256 }) => ({
      '@type': 'cr:FileObject',
      '@id': name,
      name,
      contentUrl: name,
      contentSize: `${bytes} B`,
      encodingFormat: name.endsWith('.csv') ? ENCODINGS.csv : ENCODINGS[format],
      sha256,
    })),
    recordSet: files.flatMap(({ name: file, part }) =>
      columns[file] === undefined
        ? []
        : [
            {
              '@type': 'cr:RecordSet',
              '@id': part,
              name: part,
              ...(reading[part] ? { description: reading[part] } : {}),
              field: columns[file].map((column, at) => fieldOf(part, file, column, at)),
            },
          ],
    ),
  };
}

/** Names of columns are as users give them; ids are counted. */
function fieldOf(part: string, file: string, { name, type }: Column, at: number): object {
  const isList = type.endsWith('[]');
  return {
    '@type': 'cr:Field',
    '@id': `${part}/${at + 1}`,
    name,
    dataType: FROM_DUCK[type.replace(/\[\]$|\(.*$/, '')] ?? 'sc:Text',
    ...(isList ? { repeated: true } : {}),
    source: { fileObject: { '@id': file }, extract: { column: name } },
  };
}
