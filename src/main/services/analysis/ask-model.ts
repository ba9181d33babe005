/** A pretrained model as it is, asked about one user. */
import type { AskRequest, ModelAnswer } from '../../../core/api/language.ts';
import { TextTokenizer } from '../../../core/decoders/text/tokenizer.ts';
import { onDevice } from '../../../core/engine/index.ts';
import { throwIfCancelled } from '../../../core/errors.ts';
import { selectTop } from '../../../core/evaluation/ranking.ts';
import { likePrompt } from '../../../core/families/language/answers.ts';
import { CachedDecoder } from '../../../core/families/language/cached.ts';
import { findLanguageModel } from '../../../core/families/language/language-models.ts';
import { namedTensors } from '../../../core/files/safetensors.ts';
import type { Store } from '../../../core/store/store.ts';
import { lastInteraction, requireLast } from './language.ts';

/** Tokens that are named beside the two answers. */
const OTHERS = 3;

/**
 * Asks whether a user likes the last item, and reads off the distribution of the token that follows. It is read from its file for this one
 * question, and nothing of it is kept.
 * @throws UserError where it cannot be read, template and data set do not fit, or nothing of the user's is held out
 */
export async function askModel(
  store: Store,
  { threads, ...request }: AskRequest & { threads: number },
  { signal }: { signal?: AbortSignal } = {},
): Promise<ModelAnswer> {
  const { now, user, place } = await lastInteraction(store, request);
  requireLast(place);
  const { verbaliser, run, tokenizerFile } = now;
  const item = verbaliser.data.itemIds[place];
  const { ids } = likePrompt(verbaliser, { user, place, item });
  throwIfCancelled(signal);
  const decoder = findLanguageModel('brew').build(run.decoder);
  const values = now.parameters(decoder.parameters);
  const logs = await onDevice('cpu', { threads }, async (device) => {
    throwIfCancelled(signal);
    await device.load(namedTensors(decoder.parameters, values));
    // The device has a copy; the collector may be long in coming, and this is the size of the model.
    for (const { buffer } of Object.values(values))
      if (buffer instanceof ArrayBuffer && !buffer.detached) buffer.transfer(0);
    await using cached = new CachedDecoder(decoder, device);
    await cached.begin(ids);
    return cached.next;
  });
  const tokenizer = new TextTokenizer(tokenizerFile, 'the tokenizer', run.special);
  const { yes, no } = verbaliser.answerTokens();
  const others = [...selectTop(logs, OTHERS + 2)].filter((id) => id >= 0 && id !== yes && id !== no);
  return {
    yes: Math.exp(logs[yes]),
    no: Math.exp(logs[no]),
    others: others.slice(0, OTHERS).map((id) => ({
      text: tokenizer.decode([id]) || tokenizer.token(id),
      probability: Math.exp(logs[id]),
    })),
  };
}
