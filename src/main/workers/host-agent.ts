/** Entry of the agent on a host: "host-agent ROOT" answers the question in its stdin, and ends. */
import { readFileSync } from 'node:fs';
import { answerTo } from './agent/answer.ts';
import { framed, type Question } from './agent/questions.ts';
import { agentSystem } from './agent/system.ts';

/** A connection that hears nothing for a minute is given up: of much that is read, a line says now and then that it goes on. */
const ALIVE_MS = 10_000;

process.umask(0o077);
const question = JSON.parse(readFileSync(0, 'utf8')) as Question;
const alive = setInterval(() => process.stdout.write('\n'), ALIVE_MS);
const answer = await answerTo(agentSystem, process.argv[2], question);
clearInterval(alive);
process.stdout.write(framed(answer));
