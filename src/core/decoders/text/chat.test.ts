import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { chatFrame, type Message, renderChat } from './chat.ts';

const frame = (source: string) => chatFrame({ source, tokens: { eos_token: '</s>' } }, 'model.gguf');

test('what stands around a message is taken from the template; one that cannot be used says why and what to do', () => {
  const turns = '{% for m in messages %}<{{ m.role }}>{{ m.content }}{{ eos_token }}{% endfor %}<model>';
  expect(frame(turns)).toEqual({ before: '<user>', after: '</s><model>', answer: '' });
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

test.each([
  [' ', '{{ " " + m.content }}'],
  ['', '{{ m.content }}'],
  ['', '{{ "<thoughts></thoughts>" + m.content }}'],
  ['', '{{ raise_exception("no answers") }}'],
  ['', 'nothing of it'],
])('an answer stands behind "%s" where an answer is written by %s', (answer, written) => {
  const user = '[ASK] {{ m.content }} [/ASK]';
  const source = `{% for m in messages %}{% if m.role == "user" %}${user}{% else %}${written}{% endif %}{% endfor %}`;
  expect(frame(source)).toEqual({ before: '[ASK] ', after: ' [/ASK]', answer });
});

test('a template that asks for the day is told the same one every day and in every language', () => {
  const source = '{{ strftime_now("%d %b %Y, %d/%m, %B, %H:%M, 100 %%") }}|{{ messages[0].content }}';
  expect(frame(source)).toEqual({ before: '26 Jul 2024, 26/07, July, 00:00, 100 %|', after: '', answer: '' });
});

test('a template that does not end is refused after a while', { timeout: 10_000 }, () => {
  const loops = '{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}';
  expect(() => frame(`${loops}{{ messages[0].content }}`)).toThrow(
    'model.gguf: its chat template cannot be used: it takes longer than 2 s; set chat=never to ask in plain text',
  );
});

/** Templates of the usual features, and what transformers makes of them: see test/language/write_chats.py. */
const chats = join(import.meta.dirname, '../../../../test/language/chats');
const { tokens, conversations, expected } = JSON.parse(
  readFileSync(join(chats, 'expected.json'), 'utf8'),
) as {
  tokens: Record<string, string>;
  conversations: Record<string, Message[]>;
  expected: Record<string, Record<string, string | { refused: string }>>;
};

test.each(Object.entries(expected))('%s writes what transformers writes', (name, answers) => {
  const source = readFileSync(join(chats, `${name}.jinja`), 'utf8');
  for (const [of, messages] of Object.entries(conversations)) {
    const rendered = () => renderChat({ source, tokens }, messages, 'model.gguf');
    const answer = answers[of];
    if (typeof answer === 'string') expect([of, rendered()]).toEqual([of, answer]);
    else
      expect(rendered, of).toThrow(`: its chat template cannot be used: ${answer.refused}; set chat=never`);
  }
});
