/** The whole of a run as lines, in the order of its passes: each agent's trace, then the gates. Asked again, it tells what is new. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { engineOf } from '../../agents/engines.ts';
import { ENGINES } from '../../loop/definition/schema/agent.ts';
import type { Pass, RunState } from '../../loop/state.ts';
import { sanitize } from '../../loop/text.ts';
import { spoken, spokenGate } from './spoken.ts';
import { follow, type Transcript, transcript } from './transcript.ts';

interface Told {
  readonly transcript: Transcript;
  over: boolean;
}

/** `folder` is `.looptop/runs/<run>`. The returned function yields the lines that no earlier call has yielded. */
export function story(folder: string): (run: RunState) => AsyncGenerator<string> {
  const told = new Map<string, Told>();
  const gates = new Set<string>();
  return async function* (run) {
    for (const pass of run.passes) {
      for (const agent of await agentsOf(folder, pass.n)) {
        const known = told.get(agent);
        if (known?.over) continue;
        const engine = engineName(run, pass, agent);
        if (known === undefined)
          yield `-- pass ${pass.n}, ${agent.replace(/^\d+-/, '')}, ${engine} ${sanitize(pass.model)}`;
        const each = known ?? { transcript: readerFor(join(folder, agent, 'out'), engine), over: false };
        told.set(agent, each);
        for await (const event of each.transcript.events()) yield* spoken(event);
        if (run.agent?.id === agent && run.agent.fact.is !== 'dead') continue;
        each.over = true;
        const code = run.agent?.id === agent && run.agent.fact.is === 'dead' ? run.agent.fact.code : null;
        for (const event of each.transcript.rest(code)) yield* spoken(event);
      }
      for (const gate of pass.gates) {
        const id = `${pass.n} ${gate.id}`;
        if (gates.has(id) || gate.status === 'pending' || gate.status === 'running') continue;
        gates.add(id);
        yield* spokenGate(gate);
      }
    }
  };
}

/** The bytes of all transcripts of the run, one after the other, as the agents wrote them. */
export function rawStory(folder: string): (run: RunState) => AsyncGenerator<Buffer> {
  const files = new Map<string, () => AsyncGenerator<Buffer>>();
  return async function* (run) {
    for (const pass of run.passes) {
      for (const agent of await agentsOf(folder, pass.n)) {
        const bytes = files.get(agent) ?? follow(join(folder, agent, 'out'));
        files.set(agent, bytes);
        yield* bytes();
      }
    }
  };
}

/** Folders of agent processes of one pass, `3-maker`, `3-maker.2` …, in the order in which they ran. */
export async function agentsOf(folder: string, pass: number): Promise<string[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names
    .filter((name) => /^\d+-(maker|checker|triage|reflector)(\.\d+)?$/.test(name) && Number.parseInt(name, 10) === pass)
    .sort((a, b) => ordinal(a) - ordinal(b) || (a < b ? -1 : 1));
}

const ordinal = (agent: string): number => Number(/\.(\d+)$/.exec(agent)?.[1] ?? 1);

const engineName = (run: RunState, pass: Pass, agent: string): string =>
  run.agent?.id === agent ? run.agent.engine : pass.engine;

function readerFor(file: string, name: string): Transcript {
  const engine = ENGINES.find((each) => each === name);
  const reader = engine === undefined ? undefined : engineOf(engine)?.reader();
  // An engine of another version: its lines are shown as they are.
  return transcript(
    file,
    reader ?? { read: (raw) => [{ type: 'unknown', raw }], end: () => [], finished: true, idle: true },
  );
}
