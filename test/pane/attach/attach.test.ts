import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Command } from '../../../source/loop/command.ts';
import type { FleetState, RunState } from '../../../source/loop/state.ts';
import { enter } from '../../../source/pane/attach/enter.ts';
import type { Way } from '../../../source/pane/attach/way.ts';
import { drawAttach, openAttach, stepAttach } from '../../../source/pane/dialogs/attach.ts';
import { textOf } from '../../../source/pane/present/span.ts';
import { fleet, NOW, run } from '../fleet-fixture.ts';
import { pressed, situation } from '../situation.ts';
import { Stage } from '../stage.ts';

const session: Way = {
  kind: 'session',
  label: 'claude --resume 6f1c',
  argv: ['true'],
  env: {},
  folder: '/',
  problem: null,
};
const shell: Way = { ...session, kind: 'shell', label: 'sh' };

const alive = run('a', 1);
const standing: RunState = {
  ...alive,
  status: { tag: 'open', phase: 'making', hold: { kind: 'paused', why: 'operator', detail: '', since: NOW } },
  agent: null,
};
const frozen: RunState = {
  ...alive,
  status: { tag: 'open', phase: 'making', hold: { kind: 'frozen', by: 'ada', since: NOW } },
  agent: alive.agent && {
    ...alive.agent,
    fact: { is: 'frozen', process: { pid: 1, startTime: '1', bootId: 'b' }, containment: 'marked', processes: 1 },
  },
};
const ended: RunState = { ...standing, status: { tag: 'ended', end: { kind: 'killed', by: 'ada' }, at: NOW } };

const offers = (one: RunState, ways: readonly Way[] = [session, shell]) =>
  openAttach(one, ways).offers.map(({ before, label }) => `${before ?? 'now'}: ${label}`);

test('a asks how the run can be gone into, and nothing opens before the answer', () => {
  const { at, intents } = pressed(situation(fleet([alive])), 'a');
  assert.deepEqual(intents, [{ do: 'attach', run: 'a-1' }]);
  assert.deepEqual(at.view.dialogs, []);
});

test('an agent that works is halted before its session is opened, so that it is never paid for twice', () => {
  assert.deepEqual(offers(alive), [
    'stop: its own session, its turn ended first',
    'freeze: its own session, frozen first',
    'now: a shell in its worktree',
  ]);
  assert.deepEqual(offers(frozen), [
    'now: its own session',
    'stop: its own session, its turn ended first',
    'now: a shell in its worktree',
  ]);
  assert.deepEqual(offers(standing), ['now: its own session', 'now: a shell in its worktree']);
  assert.deepEqual(offers(ended), ['now: its own session', 'now: a shell in its worktree']);
  const gating: RunState = { ...alive, agent: null, status: { tag: 'open', phase: 'gating', hold: null } };
  assert.deepEqual(offers(gating), ['freeze: its own session, frozen first', 'now: a shell in its worktree']);
});

test('each way says what it costs, and one that cannot be taken says why', () => {
  const drawn = (one: RunState, ways: readonly Way[]) => {
    const dialog = openAttach(one, ways);
    return { dialog, text: drawAttach(dialog, 74).lines.map(textOf).join('\n') };
  };
  assert.match(drawn(alive, [session, shell]).text, /not metered\s+and counts\s+against no cap/);
  assert.match(drawn(alive, [session, shell]).text, /claude --resume 6f1c/);
  const none = { ...session, label: '', problem: 'shell has no session that a person could go on with.' };
  const { dialog, text } = drawn(standing, [none, shell]);
  assert.equal(dialog.choice, 1);
  assert.match(text, /Nothing of it works meanwhile/);
  const above = stepAttach(dialog, { key: 'up' }).dialog;
  assert.ok(above !== null);
  assert.match(drawAttach(above, 74).lines.map(textOf).join('\n'), /shell has no session/);
  assert.match(stepAttach(above, { key: 'enter' }).refused ?? '', /shell has no session/);
  assert.deepEqual(stepAttach(dialog, { key: 'enter' }).intents, [
    { do: 'enter', run: 'a-1', way: shell, before: null },
  ]);
});

/** A supervisor of which the test says when it has done what it was asked. */
class World {
  state: FleetState;
  readonly sent: Command[] = [];
  readonly written: string[] = [];
  readonly done: string[] = [];
  readonly gone = new AbortController();
  readonly #heard = new Set<() => void>();

  constructor(one: RunState) {
    this.state = fleet([one]);
  }

  become(one: RunState): void {
    this.state = fleet([one]);
    for (const heard of [...this.#heard]) heard();
  }

  get listeners(): number {
    return this.#heard.size;
  }

  readonly means = {
    connection: {
      fleet: {
        get state(): FleetState {
          return world.state;
        },
        subscribe: (heard: () => void) => {
          this.#heard.add(heard);
          return () => this.#heard.delete(heard);
        },
      },
      send: async (command: Command) => {
        this.sent.push(command);
        return { ok: true as const, text: '', run: null };
      },
    },
    suspend: async (use: () => Promise<void>) => {
      this.done.push('lent');
      await use();
      this.done.push('taken back');
    },
    write: (text: string) => void this.written.push(text),
    say: (text: string) => void this.done.push(text),
    signal: this.gone.signal,
  };
}
let world: World;

test('the terminal is lent only when nothing of the agent runs any more', async () => {
  world = new World(alive);
  const entering = enter({ run: 'a-1', way: session, before: 'stop' }, world.means);
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.deepEqual(world.sent, [{ do: 'stop', run: 'a-1' }]);
  assert.deepEqual(world.done, ['a-1: waiting until its turn has ended…']);
  // Asked to end, and still alive.
  world.become({ ...standing, agent: alive.agent });
  world.become(frozen);
  assert.equal(world.done.includes('lent'), false);
  world.become(standing);
  assert.equal(await entering, 'Back from claude --resume 6f1c. a-1 stands still until you let it go on.');
  assert.deepEqual(world.done.slice(1), ['lent', 'taken back']);
  assert.match(
    world.written.join(''),
    /claude --resume 6f1c in \/; leave it to come back\. What you spend in it is not metered/,
  );
  assert.equal(world.listeners, 0);
});

test('a frozen agent is still enough for a freeze; a shell asks for nothing', async () => {
  world = new World(alive);
  const entering = enter({ run: 'a-1', way: session, before: 'freeze' }, world.means);
  world.become(frozen);
  await entering;
  assert.deepEqual(world.sent, [{ do: 'freeze', run: 'a-1' }]);
  world = new World(alive);
  assert.equal(await enter({ run: 'a-1', way: shell, before: null }, world.means), '');
  assert.deepEqual(world.sent, []);
});

test('a run that came to a stand-still meanwhile is not stopped again, for that would end it', async () => {
  world = new World(standing);
  await enter({ run: 'a-1', way: session, before: 'stop' }, world.means);
  assert.deepEqual(world.sent, []);
  const gating: RunState = { ...alive, agent: null, status: { tag: 'open', phase: 'gating', hold: null } };
  world = new World(gating);
  const entering = enter({ run: 'a-1', way: session, before: 'stop' }, world.means);
  world.become({ ...frozen, agent: null });
  await entering;
  assert.deepEqual(world.sent, [{ do: 'freeze', run: 'a-1' }]);
});

test('a refusal, a program that is not there and a pane that is left lend nothing and leave nothing waiting', async () => {
  world = new World(alive);
  const refused = {
    ...world.means.connection,
    send: async () => ({ ok: false as const, text: 'a-1 has just ended', code: 1 }),
  };
  await assert.rejects(
    enter({ run: 'a-1', way: session, before: 'stop' }, { ...world.means, connection: refused }),
    /a-1 has just ended/,
  );
  const nothing = { ...shell, argv: ['/nowhere/claude'] as const };
  await assert.rejects(enter({ run: 'a-1', way: nothing, before: null }, world.means), /could not be started/);
  world = new World(alive);
  const left = enter({ run: 'a-1', way: session, before: 'stop' }, world.means);
  await new Promise((resolve) => setTimeout(resolve, 10));
  world.gone.abort();
  await assert.rejects(left, /the pane was left/);
  assert.equal(world.listeners, 0);
});

test('the chooser opens on the screen, and going in lends the terminal and draws the pane again after it', async () => {
  await using stage = new Stage(fleet([standing]), { ways: () => [session, shell] });
  await stage.shows('a-1');
  await stage.type('a');
  await stage.shows('Into a-1', 'its own session', 'a shell in its worktree');
  await stage.type('\r');
  await stage.shows('Back from claude --resume 6f1c');
  assert.match(stage.screen.written, /\?1049l[\s\S]*looptop: claude --resume 6f1c in \/[\s\S]*\?1049h/);
});
