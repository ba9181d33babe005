import { expect, test } from 'vitest';
import { withEnding } from './report-formats.ts';

test('a report keeps its name in another format, whatever dots are in it', () => {
  expect(withEnding('comparison-2026-01-02.html', 'pdf')).toBe('comparison-2026-01-02.pdf');
  expect(withEnding('study-v1.2-2026-01-02.tex', 'zip')).toBe('study-v1.2-2026-01-02.zip');
  expect(withEnding('study-v1.2', 'pdf')).toBe('study-v1.2.pdf');
});
