/** Reads the bill off an answer while it passes, whatever its form: events, one JSON value, or an array that is streamed. */
import { parseObject } from '../../agents/json.ts';
import type { AnswerReader, Seen } from './dialect.ts';
import { isBill } from './dialects/chat.ts';
import type { Tap } from './forward.ts';
import { dataOf, type Splitter, splitEvents, splitObjects } from './split.ts';

/** `seen` is told whenever the provider reports for the first time. */
export function tapFor(
  reader: AnswerReader,
  contentType: string,
  keepsBill: boolean,
  reported: (seen: Seen) => void,
): Tap {
  const events = contentType.includes('event-stream');
  const takes = events && keepsBill;
  let known = false;
  let passing: Buffer[] = [];

  const read = (text: string) => {
    const value = text === '' || text === '[DONE]' ? null : parseObject(text);
    if (value === null) return value;
    reader.read(value);
    if (!known && reader.seen.tokens !== null) {
      known = true;
      reported(reader.seen);
    }
    return value;
  };
  const splitter: Splitter = events
    ? splitEvents((event) => {
        const value = read(dataOf(event));
        if (takes && !(value !== null && isBill(value))) passing.push(event);
      })
    : splitObjects((object) => void read(object.toString('utf8')));

  const passed = (): Buffer => {
    const whole = Buffer.concat(passing);
    passing = [];
    return whole;
  };
  return {
    takes,
    take(chunk) {
      splitter.feed(chunk);
      return passed();
    },
    end() {
      splitter.end();
      return passed();
    },
  };
}
