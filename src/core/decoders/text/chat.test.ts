import { expect, test } from 'vitest';
import { chatFrame } from './chat.ts';

const frame = (source: string) => chatFrame({ source, tokens: { eos_token: '</s>' } }, 'model.gguf');

test('what stands around a message is taken from the template; one that cannot be used says why and what to do', () => {
  const turns = '{% for m in messages %}<{{ m.role }}>{{ m.content }}{{ eos_token }}{% endfor %}<model>';
  expect(frame(turns)).toEqual({ before: '<user>', after: '</s><model>' });
  const refused: [string, RegExp][] = [
    ["{{ raise_exception('no system message') }}", /: no system message; set chat=never/],
    [
      '{{ messages[0].content.no.more }}',
      /its chat template cannot be used: .*; set chat=never to ask in plain/,
    ],
    ['{% for %}', /its chat template cannot be used: .*; set chat=never/],
    ['{{ messages[0].content * 2 }}', /cannot be used: .*; set chat=never/],
    ['{{ messages[0].content }}{{ messages[0].content }}', /it writes a message 2 times; set chat=never/],
    [`${turns}${' '.repeat(200_000)}`, /it has 2\d{5} characters, more than 200000; set chat=never/],
  ];
  for (const [source, message] of refused) expect(() => frame(source), source.slice(0, 60)).toThrow(message);
});

test('a template that asks for the day is told the same one every day and in every language', () => {
  const source = '{{ strftime_now("%d %b %Y, %d/%m, %B, %H:%M, 100 %%") }}|{{ messages[0].content }}';
  expect(frame(source)).toEqual({ before: '26 Jul 2024, 26/07, July, 00:00, 100 %|', after: '' });
});

test('a template that does not end is refused after a while', { timeout: 10_000 }, () => {
  const loops = '{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}';
  expect(() => frame(`${loops}{{ messages[0].content }}`)).toThrow(
    'model.gguf: its chat template cannot be used: it takes longer than 2 s; set chat=never to ask in plain text',
  );
});
