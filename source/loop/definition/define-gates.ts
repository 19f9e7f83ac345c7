/** Turns the gates of checked front matter, and its `paths`, into gate definitions with every default filled in. */
import type { DiffGate, Expectation, GateDefinition, Paths, Wait } from './gates.ts';
import type { FrontMatter } from './schema/front-matter.ts';
import type { GateFrontMatter } from './schema/gate.ts';

/** What no change may touch where the loop says nothing of its own: loops, rules and CI decide over makers, not makers over them. */
export const USUAL_DENY = ['loops/**', 'RULES.md', '.github/**'] as const;

/** And where its own rules stand. */
const usualDeny = ({ context }: FrontMatter): readonly string[] => [...new Set([...USUAL_DENY, context.rules.file])];

const POLL_MS = 10_000;

/** All of them, those of landing (`when: merge`) too; `paths` becomes a diff gate of that name. */
export function defineGates(front: FrontMatter): GateDefinition[] {
  const taken = new Set(front.gates.flatMap(({ id }) => id ?? []));
  const listed = front.gates.flatMap((gate) => define(gate, () => gate.id ?? freeId(stemOf(gate), taken), front));
  return front.paths === undefined ? listed : [...listed, pathsGate(freeId('paths', taken), paths(front))];
}

function define(gate: GateFrontMatter, id: () => string, front: FrontMatter): GateDefinition[] {
  const { type, run, required, timeout, repeat, hint = null, guards } = gate;
  const when = gate.when ?? (type === 'human' ? 'final' : 'pass');
  const any = () => ({ id: id(), when, required, guards, timeoutMs: timeout, repeat, hint });
  switch (type) {
    case 'shell':
      if (run === undefined) return [];
      return [{ ...any(), type, run, expect: expectation(gate), wait: wait(gate) }];
    case 'metric':
      if (run === undefined) return [];
      return [
        {
          ...any(),
          type,
          run,
          read:
            gate.pattern !== undefined
              ? { from: 'pattern', at: gate.pattern }
              : gate.json !== undefined
                ? { from: 'json', at: gate.json }
                : { from: 'last' },
          min: gate.min ?? null,
          max: gate.max ?? null,
          ratchet: gate.ratchet ?? null,
          tolerance: gate.tolerance ?? 0,
          wait: wait(gate),
        },
      ];
    case 'visual':
      if (gate.render === undefined || gate.reference === undefined) return [];
      return [
        {
          ...any(),
          type,
          render: gate.render,
          reference: gate.reference,
          likeness: {
            maxDiffRatio: gate['diff-ratio'].max,
            threshold: gate['diff-ratio'].threshold,
            ignoreAntialiasing: gate['diff-ratio']['ignore-antialiasing'],
            minSsim: gate.ssim.min,
            downscale: gate.ssim.downscale,
            maxDeltaE: gate.colour['max-delta-e'],
            ignore: gate.ignore ?? [],
          },
          wait: null,
        },
      ];
    case 'diff':
      return [
        {
          ...any(),
          type,
          // What the loop says of paths has a gate of its own.
          paths: front.paths === undefined ? { ...NO_LIMITS, deny: usualDeny(front) } : NO_LIMITS,
          protects: true,
          forbidDeleted: gate['forbid-deleted'] ?? [],
          forbidAdded: gate['forbid-added'] ?? [],
          except: gate.except ?? [],
          wait: null,
        },
      ];
    case 'human':
      return [{ ...any(), type, question: gate.question ?? `Is it so? ${front.goal}` }];
    case 'checker':
      return [];
  }
}

const NO_LIMITS: Paths = { allow: null, deny: [], maxFiles: null, maxLines: null };

const paths = (front: FrontMatter): Paths => ({
  allow: front.paths?.allow ?? null,
  deny: front.paths?.deny ?? usualDeny(front),
  maxFiles: front.paths?.['max-files'] ?? null,
  maxLines: front.paths?.['max-lines'] ?? null,
});

/** A guard by nature: nothing is changed on the base. */
const pathsGate = (id: string, paths: Paths): DiffGate => ({
  id,
  type: 'diff',
  when: 'pass',
  required: true,
  guards: true,
  timeoutMs: 60_000,
  repeat: 1,
  hint: null,
  paths,
  protects: false,
  forbidDeleted: [],
  forbidAdded: [],
  except: [],
  wait: null,
});

const expectation = ({ expect }: GateFrontMatter): Expectation | null =>
  expect === undefined ? null : { exit: expect.exit, stdout: expect.stdout ?? null, stderr: expect.stderr ?? null };

function wait({ wait }: GateFrontMatter): Wait | null {
  if (wait === undefined || wait === false) return null;
  if (wait === true) return { beforeMs: 0, everyMs: POLL_MS };
  return { beforeMs: wait.before ?? 0, everyMs: wait.every ?? null };
}

const stemOf = ({ type, run }: GateFrontMatter): string => run ?? type;

/** `npm test` as `npm-test`, or `npm-test-2` when that is taken. */
function freeId(text: string, taken: Set<string>): string {
  const words = text.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  const stem = words.join('-').slice(0, 32).replace(/-$/, '') || 'gate';
  let id = stem;
  for (let n = 2; taken.has(id); n++) id = `${stem}-${n}`;
  taken.add(id);
  return id;
}
