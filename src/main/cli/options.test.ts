import { expect, test } from 'vitest';
import { lastOperand, shellQuote, terminalQuote } from '../../core/names.ts';
import { errorText } from './errors.ts';
import { jobOfTraining } from './job-options.ts';
import {
  commaList,
  decimalNumber,
  namedRun,
  openShare,
  roleMap,
  ropeSize,
  setting,
  wholeNumber,
} from './options.ts';

test('values of --set are JSON where they can be, but for objects, and text else', () => {
  expect(setting('dim=64')).toEqual({ dim: 64 });
  expect(setting('loss=full-softmax', { dim: 64 })).toEqual({ dim: 64, loss: 'full-softmax' });
  expect(setting('a==b')).toEqual({ a: '=b' });
  // No config has objects; a template is given as JSON text.
  expect(setting('template={"name":"own"}')).toEqual({ template: '{"name":"own"}' });
  expect(setting('layers=[1,2]')).toEqual({ layers: [1, 2] });
  expect(Object.keys(setting('__proto__=1'))).toEqual(['__proto__']);
  expect(() => setting('=1')).toThrow('key=value');
});

test('numbers, lists and maps refuse what they are not', () => {
  for (const text of ['-1', '1.5', '1e3', '', ' ', '9'.repeat(20)]) {
    expect(() => wholeNumber(0)(text), text).toThrow('whole number');
  }
  expect(wholeNumber(1)('12')).toBe(12);
  expect(() => wholeNumber(1)('0')).toThrow('from 1');
  expect(() => wholeNumber(1, 1024)('100000')).toThrow('from 1 to 1024');
  expect(decimalNumber('-3.5')).toBe(-3.5);
  expect(() => decimalNumber('Infinity')).toThrow('number');
  expect(commaList('ndcg@10, mrr')).toEqual(['ndcg@10', 'mrr']);
  expect(() => commaList('a,,b')).toThrow('list');
  expect(roleMap('user=u, item=i', { time: 't' })).toEqual({ user: 'u', item: 'i', time: 't' });
});

test('the name of a row is one line', () => {
  expect(namedRun('run= SASRec, ours ', { other: 'Floor' })).toEqual({ other: 'Floor', run: 'SASRec, ours' });
  for (const text of ['run=a\nb', `run=${'a'.repeat(201)}`])
    expect(() => namedRun(text), text).toThrow('is no name of a row');
  expect(() => namedRun('run= ')).toThrow('run=name');
});

test('an error is one line, with a stack only where it is asked for', () => {
  expect(errorText(new TypeError('x is\nnot a function'), false)).toBe(
    'tessera: unexpected error: x is not a function (TESSERA_DEBUG=1 shows where)',
  );
  expect(errorText(new TypeError('x'), true)).toContain('options.test.ts');
});

test('arguments with spaces and quotes are shellQuote for a shell', () => {
  expect(shellQuote('ml-1m')).toBe('ml-1m');
  expect([lastOperand('ml-1m'), lastOperand('--help')]).toEqual(['ml-1m', '-- --help']);
  expect(shellQuote("Ada's films")).toBe("'Ada'\\''s films'");
  const windows = ['C:\\a', 'C:\\', 'C:\\a b\\', 'a,b', 'say "x"'].map((text) =>
    terminalQuote(text, 'win32'),
  );
  expect(windows).toEqual(['C:\\a', 'C:\\', '"C:\\a b\\\\"', '"a,b"', '"say \\"x\\""']);
});

test('options of a job are checked, and need a host', () => {
  const flags = { time: '4:00:00', line: ['module load cuda'] };
  expect(jobOfTraining('cluster', flags)).toEqual({ time: '4:00:00', lines: ['module load cuda'] });
  expect(jobOfTraining(undefined, {})).toBeUndefined();
  expect(() => jobOfTraining(undefined, flags)).toThrow(
    '--time is for jobs on a cluster: name its host with --on',
  );
  expect(() => jobOfTraining('cluster', { time: 'soon' })).toThrow('"time" must be a time such as');
  expect(() => jobOfTraining('cluster', { line: ['a\nb'] })).toThrow('"line" must be one line');
});

test('a region of practical equivalence is a size, or a share of the baseline', () => {
  expect(ropeSize('0.002')).toEqual({ size: 0.002, isShare: false });
  expect(ropeSize(' 1.5 %')).toEqual({ size: 0.015, isShare: true });
  expect(ropeSize('0')).toEqual({ size: 0, isShare: false });
  for (const text of ['', '%', '-1', '1%%', 'nan', '1e999', '0.1 of it'])
    expect(() => ropeSize(text), text).toThrow(/0\.002, or a share such as 1%/);
  expect(openShare('0.8')).toBe(0.8);
  for (const text of ['0', '1', '80']) expect(() => openShare(text)).toThrow(/between 0 and 1/);
});
