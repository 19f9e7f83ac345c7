/** What an agent came across while it was at something else: a hit for a person to promote, never work that begins by itself. */
import type { Answer } from '../answer.ts';
import type { Refusal } from '../command.ts';
import type { Priority } from '../definition/definition.ts';
import type { FleetState, Hit, RunState } from '../state.ts';
import { isAboveMark, isMoreUrgent, marksOf } from './hits.ts';
import { digest, labelOf } from './item.ts';

export interface ReportedHit {
  readonly title: string;
  /** A link or `path:line`. */
  readonly evidence: string;
  readonly priority: Priority;
  /** 0 to 1. */
  readonly confidence: number;
  /** The loop that could take it; absent: a person says. */
  readonly loop?: string;
  /** What tells it apart from others, such as `#12`; absent: its title does. */
  readonly key?: string;
}

/** Of one run: whoever reports more than this reports everything. */
const MOST_OF_A_RUN = 10;

export function comeAcross(fleet: FleetState, run: RunState, report: ReportedHit): Answer | Refusal {
  const { priority, confidence, loop = 'human' } = report;
  const [reason, evidence] = [report.title, report.evidence].map((text) => text.replace(/\s+/g, ' ').trim());
  if (!reason) return { refused: 'a hit needs a title', code: 1 };
  const marks = marksOf(fleet, run.loop);
  if (!isAboveMark({ priority, confidence }, marks)) {
    const words = `hits of ${run.loop} begin at ${marks.minPriority} and a confidence of ${marks.minConfidence}`;
    return { refused: `${words}: note it as progress, where the agents after you read it`, code: 1 };
  }
  const key = keyOf(report, reason);
  const known = Object.values(fleet.hits).find((hit) => hit.loop === run.loop && hit.key === key);
  const told = known === undefined ? null : alreadyTold(fleet, run, known, priority);
  if (told !== null) return { events: [], text: told, run: run.id };
  const count = Object.values(fleet.hits).filter((hit) => hit.reported && hit.run === run.id).length;
  if (known === undefined && count >= MOST_OF_A_RUN)
    return { refused: `${MOST_OF_A_RUN} hits are enough for one run: go on with your own work`, code: 1 };
  const ranking = { key, priority, confidence, reason, evidence: evidence ?? '', loop };
  return {
    events: [{ type: 'hit-reported', from: run.id, ranking }],
    text: 'It waits for the operator among the hits. Go on with your own work.',
    run: run.id,
  };
}

/** Why a second report of the same adds nothing; null where it does. */
function alreadyTold(fleet: FleetState, run: RunState, hit: Hit, priority: Priority): string | null {
  const urgent = isMoreUrgent(priority, hit.priority);
  if (hit.status === 'dismissed' && !urgent) return 'The operator has dismissed it. Go on with your own work.';
  const taken = hit.promotedTo === null ? undefined : fleet.runs[hit.promotedTo];
  if (hit.status === 'promoted' && taken?.status.tag === 'open') return `${hit.promotedTo} works on it already.`;
  const same = hit.status === 'open' && hit.run === run.id && !urgent;
  return same || (hit.status === 'open' && !hit.reported)
    ? 'It is known already, and waits for the operator among the hits.'
    : null;
}

/** The same words make the same key, however they are set. */
const keyOf = ({ key }: ReportedHit, title: string): string =>
  key !== undefined && key.trim() !== '' ? labelOf(key.trim()) : `report-${digest(title.toLowerCase(), 12)}`;
