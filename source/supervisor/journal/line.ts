/** One line of the journal: JSON that ends with the CRC of everything before it, so that `jq` reads it and no flipped bit gets through. */
import { crc32 } from 'node:zlib';
import type { Stamped } from '../../loop/event.ts';
import { wholeFleet } from '../../loop/fold.ts';
import type { FleetState } from '../../loop/state.ts';

/** What a segment's lines mean is numbered with the state they fold into. */
export const SCHEMA: FleetState['schema'] = 1;

/** The state after event `seq`: where a reader may begin. */
export interface Snapshot {
  readonly seq: number;
  readonly state: FleetState;
}

export type Line =
  | { readonly is: 'header'; readonly schema: number }
  | { readonly is: 'snapshot'; readonly schema: number; readonly snapshot: Snapshot }
  | { readonly is: 'record'; readonly record: Stamped };

const SUFFIX = /^,"crc":"([0-9a-f]{8})"\}$/;
const SUFFIX_BYTES = ',"crc":"00000000"}'.length;

export const encodeHeader = (): string => seal({ schema: SCHEMA });
export const encodeSnapshot = (snapshot: Snapshot): string => seal({ snapshot });
export const encodeRecord = (record: Stamped): string => seal(record);

function seal(value: object): string {
  const body = JSON.stringify(value).slice(0, -1);
  return `${body},"crc":"${crc32(body).toString(16).padStart(8, '0')}"}\n`;
}

/** Reads a line without its newline; null when it is not, to the bit, what was written. JSON alone accepts half of all single-bit flips. */
export function decode(line: Buffer): Line | null {
  const cut = line.length - SUFFIX_BYTES;
  if (cut < 1) return null;
  const sum = SUFFIX.exec(line.toString('latin1', cut))?.[1];
  const body = line.subarray(0, cut);
  if (sum === undefined || Number.parseInt(sum, 16) !== crc32(body)) return null;
  return parse(`${body.toString('utf8')}}`);
}

/** The sum proves that a supervisor wrote it, so only the outer shape is checked. */
function parse(text: string): Line | null {
  const value = parseObject(text);
  if (value === null) return null;
  if ('schema' in value && typeof value.schema === 'number') return { is: 'header', schema: value.schema };
  if ('snapshot' in value) {
    const { snapshot } = value;
    if (!isObject(snapshot) || !isSeq(snapshot.seq, 0) || !isObject(snapshot.state)) return null;
    const { schema } = snapshot.state;
    if (typeof schema !== 'number') return null;
    const state = wholeFleet(snapshot.state as unknown as FleetState);
    return { is: 'snapshot', schema, snapshot: { seq: snapshot.seq, state } };
  }
  const { seq, at, day, event } = value;
  if (!isSeq(seq, 1) || typeof at !== 'number' || typeof day !== 'string') return null;
  if (!isObject(event) || typeof event.type !== 'string') return null;
  return { is: 'record', record: { seq, at, day, event: event as unknown as Stamped['event'] } };
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const isSeq = (value: unknown, least: number): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= least;
