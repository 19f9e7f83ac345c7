/** From the response that crosses a cap to the death of everything the agent started: real processes, the real supervisor, one run after the other. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from '../../source/socket/client.ts';
import { socketPath } from '../../source/socket/path.ts';
import { isDead, readRow } from '../../source/supervisor/process/tree/table.ts';
import { Stage } from '../e2e/stage.ts';

/** How long one run may take from its order to its end; far more than any takes. */
const LIMIT_MS = 30_000;

export interface Crossing {
  /** From just before the agent wrote the line until the last of its processes was seen dead. */
  readonly ms: number;
  readonly processes: number;
}

/** As many trials as asked for; each a run with an agent, a child, a tool in a session of its own that is deaf to signals, and its child. */
export async function crossings(trials: number): Promise<Crossing[]> {
  const maker = { engine: 'claude', model: 'sonnet' };
  const budget = { tokens: '1M', usd: 1000, 'on-exhausted': 'kill' };
  await using stage = await Stage.set([
    {
      name: 'cross',
      front: { agents: { maker }, budget, escalate: [], isolation: { type: 'worktree', keep: 'never' } },
    },
  ]);
  const folder = join(stage.folder, 'crossings');
  const settings = join(stage.env.XDG_CONFIG_HOME ?? '', 'looptop');
  await mkdir(folder);
  await mkdir(settings, { recursive: true });
  const command = [process.execPath, resolve('test/fixtures/spender.mjs'), folder];
  const daily = { tokens: 1e12, usd: 1e9 };
  await writeFile(join(settings, 'config.json'), JSON.stringify({ engines: { claude: { command } }, daily }));
  await stage.must('up');
  const client = await connect(socketPath(stage.root, stage.env), { by: 'bench', timeoutMs: 5000 });
  try {
    const all: Crossing[] = [];
    for (let n = 1; n <= trials; n++) {
      const asked = await client.send({ do: 'run', loop: 'cross' });
      if (!asked.ok) throw new Error(asked.text);
      all.push(await oneCrossing(join(folder, `cross-${n}.json`)));
    }
    return all;
  } finally {
    client.close();
  }
}

async function oneCrossing(file: string): Promise<Crossing> {
  const { at, pids } = await untilWritten(file);
  const deadline = performance.now() + LIMIT_MS;
  for (;;) {
    const now = performance.timeOrigin + performance.now();
    if (pids.every(isGone)) return { ms: now - at, processes: pids.length };
    if (performance.now() > deadline) throw new Error(`of ${pids.join(', ')} some still live`);
    await sleep(1);
  }
}

function isGone(pid: number): boolean {
  const row = readRow(pid);
  return row === null || isDead(row);
}

async function untilWritten(file: string): Promise<{ at: number; pids: number[] }> {
  const deadline = performance.now() + LIMIT_MS;
  for (;;) {
    const text = await readFile(file, 'utf8').catch(() => null);
    if (text !== null) return JSON.parse(text) as { at: number; pids: number[] };
    if (performance.now() > deadline) throw new Error(`no agent wrote ${file}`);
    await sleep(2);
  }
}
