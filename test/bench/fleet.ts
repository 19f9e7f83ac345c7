/** A real fleet that talks: scripted agents at a steady number of lines a second, each in its own run and worktree. */
import { spawn } from 'node:child_process';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LAUNCHER, type LoopSpec, Stage } from '../e2e/stage.ts';

export interface Plan {
  readonly agents: number;
  readonly linesPerSecond: number;
  readonly seconds: number;
  /** Options of Node for the supervisor. */
  readonly node: readonly string[];
  /** What is added to the environment of supervisor and pane. */
  readonly env: Readonly<Record<string, string>>;
}

export interface Fleet {
  readonly stage: Stage;
  readonly supervisor: number;
  /** The agents' output files. */
  readonly outs: readonly string[];
}

const front = {
  concurrency: { max: 100 },
  budget: { tokens: '1000M', usd: 10_000, wall: '12h' },
};

/** Two of three agents write plain English, the third what many models write: arrows, dashes and marks of other scripts. */
const PLAIN = [
  'reading src/cart.js to see how the total is made up, line',
  'the test expects 1500, the function says 500, line',
  'every price is added once, however many were bought, line',
  'so `count` has to be a factor of each price, line',
  'npm test -- --grep "counts each item", line',
  'expected 1500 but received 1500.0000000000002, line',
  'rounding belongs at the end and not into the sum, line',
  'the discount is in percent: sum * (100 - d) / 100, line',
];
const MARKED = [
  'total() → expected “1 500 ¢” — got 500 · line',
  '✗ nimmt den Rabatt in Prozent … für 3 Posten, line',
  '数量を掛ける必要があります: price × count, line',
  '✓ 4 tests green, ⚠ 1 slow (≥ 200 ms), line',
];

const loops = ({ linesPerSecond: perSecond, seconds }: Plan): LoopSpec[] => {
  const talk = (texts: readonly string[]) => {
    // One line at a time, so that each differs from the one before it all along the row.
    const steps = texts.map((text) => ({ lines: { perSecond, seconds: 1 / perSecond, text } }));
    const times = Math.ceil((perSecond * seconds) / texts.length);
    return { passes: [[{ repeat: { times, steps } }, { sleep: 3600 }]] };
  };
  return [
    { name: 'plain', front, scenario: talk(PLAIN) },
    { name: 'marked', front, scenario: talk(MARKED) },
  ];
};

/** Starts the fleet and resolves when every agent speaks. */
export async function startFleet(plan: Plan): Promise<Fleet> {
  const stage = await Stage.set(loops(plan));
  Object.assign(stage.env, plan.env);
  try {
    const settings = join(stage.env.XDG_CONFIG_HOME ?? '', 'looptop');
    await mkdir(settings, { recursive: true });
    const daily = { tokens: '1000M', usd: 10_000 };
    await writeFile(join(settings, 'config.json'), JSON.stringify({ maxAgents: plan.agents, daily }));
    // Started by hand rather than by the first run: Node's own options reach the supervisor only from its starter.
    await start(stage, plan.node);
    for (let n = 0; n < plan.agents; n++) await stage.must('run', n % 3 === 2 ? 'marked' : 'plain');
    const outs = await untilAllSpeak(stage, plan.agents);
    return { stage, supervisor: await stage.supervisorPid(), outs };
  } catch (error) {
    await stage[Symbol.asyncDispose]();
    throw error;
  }
}

function start(stage: Stage, node: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [...node, LAUNCHER, 'up'], {
    cwd: stage.root,
    env: stage.env,
    stdio: 'ignore',
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`looptop up ended with ${code}`))));
  });
}

async function untilAllSpeak(stage: Stage, agents: number): Promise<string[]> {
  const runs = join(stage.root, '.looptop', 'runs');
  for (let tries = 0; tries < 600; tries++) {
    const making = (await stage.ls()).filter((run) => run.state === 'making' && run.pid !== null);
    if (making.length === agents) {
      await sleep(2000);
      const names = await readdir(runs);
      return names.map((name) => join(runs, name, '1-maker', 'out'));
    }
    await sleep(500);
  }
  throw new Error(`not all agents started: ${await stage.log()}`);
}
