/**
 * `npm run bench -- caps`: eight agents against one cap of the fleet's day. What the provider billed beyond it, with wire metering
 * and with event metering; real processes under the real supervisor.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Stage } from '../e2e/stage.ts';
import { type Bill, startProvider } from './provider.ts';

export interface CapsPlan {
  readonly agents: number;
  /** Fresh tokens of the fleet's day. */
  readonly cap: number;
  readonly meter: 'wire' | 'events';
  /** New words in every turn's prompt; a word is 1.25 tokens. */
  readonly words: number;
  /** Tokens of each answer, and how long it takes. */
  readonly output: number;
  readonly ms: number;
}

export interface CapsResult extends Bill {
  /** What the supervisor says that was spent, fresh tokens. */
  readonly metered: number;
}

const AGENT = resolve('test/fixtures/api-agent.ts');
/** No run may take longer to come to its cap. */
const LIMIT_MS = 240_000;

export async function spendToTheCap(plan: CapsPlan): Promise<CapsResult> {
  await using provider = await startProvider(plan);
  const budget = { tokens: '1000M', usd: 100_000, wall: '12h' };
  const maker = { engine: 'claude', model: 'sonnet', permission: 'bypassPermissions' };
  const front = { budget, agents: { maker }, concurrency: { max: 100 }, meter: plan.meter };
  await using stage = await Stage.set([{ name: 'spend', front }]);
  Object.assign(stage.env, { ANTHROPIC_BASE_URL: provider.url, AGENT_WORDS: String(plan.words) });
  const folder = join(stage.env.XDG_CONFIG_HOME ?? '', 'looptop');
  await mkdir(folder, { recursive: true });
  const configuration = {
    maxAgents: plan.agents,
    daily: { tokens: plan.cap, usd: 100_000 },
    engines: { claude: { command: [process.execPath, '--no-warnings', AGENT] } },
  };
  await writeFile(join(folder, 'config.json'), JSON.stringify(configuration));
  for (let n = 0; n < plan.agents; n++) await stage.must('run', 'spend');
  const deadline = performance.now() + LIMIT_MS;
  for (;;) {
    const runs = await stage.ls();
    // One that had no turn to begin before the others came to the cap waits in the queue.
    if (runs.some((run) => run.state === 'paused:budget') && runs.every(({ pid }) => pid === null)) {
      const metered = runs.reduce((sum, { tokens }) => sum + tokens.fresh, 0);
      return { ...provider.bill, metered };
    }
    const gone = runs.find((run) => run.state.startsWith('failed') || run.state === 'paused:agent');
    if (gone || performance.now() > deadline)
      throw new Error(
        `it never came to the cap: ${JSON.stringify(runs.map(({ state, reason }) => [state, reason]))}\n${await stage.log()}`,
      );
    await sleep(250);
  }
}

export async function caps(row: (what: string, value: string) => void): Promise<void> {
  const plan = { agents: 8, cap: 3_000_000, words: 20_000, output: 12_000, ms: 600 };
  const share = (tokens: number) => `${((100 * tokens) / plan.cap).toFixed(1)} %`;
  for (const meter of ['wire', 'events'] as const) {
    const { fresh, requests, largest, cut, metered } = await spendToTheCap({ ...plan, meter });
    const over = Math.max(0, fresh - plan.cap);
    row(
      `${meter}: billed of ${plan.cap} fresh tokens`,
      `${fresh} (${share(fresh)}) in ${requests} requests, ${cut} cut`,
    );
    row(`${meter}: over the cap`, `${over} tokens; ${plan.agents} responses would be ${plan.agents * largest}`);
    row(`${meter}: the meter says`, String(metered));
    if (meter === 'wire' && over > 0) process.exitCode = 1;
  }
}
