/** What agents are given and what they give back, through the built program: skills, MCP servers, notes, questions, rules. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { FIX, Stage } from './stage.ts';

const CLIENT = `${process.execPath} ${resolve('test/fixtures/mcp-client.ts')}`;
const call = (tool: string, input: unknown, nonce = '') => ({
  shell: `${CLIENT} looptop ${tool} '${JSON.stringify(input)}' ${nonce}`,
});

const said = async (stage: Stage, run: string, agent: string): Promise<string> =>
  readFile(join(stage.root, '.looptop/runs', run, agent, 'out'), 'utf8');

test('an agent notes its progress, proposes a rule for the red gate, and asks the operator, through MCP', async () => {
  await using stage = await Stage.set([
    {
      name: 'talks',
      front: { context: { mcp: ['looptop'] }, escalate: [], stuck: {} },
      scenario: {
        passes: [
          [
            call('propose_rule', { text: 'Write fixed.' }),
            call('report_progress', { text: 'tried nothing yet \u001b[31m\n# not a heading of yours' }),
            call('report_progress', { text: 'of somebody else' }, 'f00dfeed'),
            { shell: 'echo "the door is locked" > .looptop/progress.md; git status --short' },
            { done: 'First pass.' },
          ],
          [
            call('propose_rule', { text: 'Write the word fixed into answer.txt.', scope: 'answer.txt' }),
            call('read_state', {}),
            call('ask_operator', { question: 'Which word?' }),
            FIX,
            { done: 'Done.' },
          ],
        ],
      },
    },
  ]);
  await stage.must('run', 'talks');
  const waits = await stage.until('talks-1', ({ state }) => state === 'waiting', 90_000);
  assert.equal(waits.reason, 'Which word?');
  assert.equal(existsSync(join(stage.root, 'RULES.md')), false, 'a proposal is no rule');
  await stage.must('rule', 'approve', 'talks-1');
  assert.match(await stage.must('note', 'talks-1', 'The word is fixed.'), /answers its question/);
  const run = await stage.until('talks-1', ({ state }) => state === 'review');
  assert.equal(run.pass, 2);

  const first = await said(stage, 'talks-1', '1-maker');
  assert.match(first, /lesson from a red gate/, 'no gate had been red');
  assert.match(first, /Noted for the agents after you/);
  assert.match(first, /only what a run itself has started may speak for it/);
  assert.ok(!/\?\? \.looptop/.test(first), 'git sees nothing of the desk');
  const second = await said(stage, 'talks-1', '2-maker');
  assert.match(second, /It waits for the operator/);
  assert.match(second, /The word is fixed\./);
  assert.match(second, /freshTokens/);

  const progress = await readFile(join(stage.root, '.looptop/progress/talks.md'), 'utf8');
  assert.match(progress, /## talks-1, 1-maker, note 1\n\ntried nothing yet\n### not a heading of yours/);
  assert.match(progress, /## talks-1, 1-maker\n\nthe door is locked/);
  assert.ok(!progress.includes('somebody else'));
  const prompt = await readFile(join(stage.root, '.looptop/runs/talks-1/2-maker/prompt.md'), 'utf8');
  assert.match(prompt, /the door is locked/);

  assert.match(
    await readFile(join(stage.root, 'RULES.md'), 'utf8'),
    /r001 Write the word fixed into answer\.txt\. \(answer\.txt\)/,
  );
  const journal = JSON.stringify(await stage.events());
  assert.ok(!journal.includes('LOOPTOP_REPOSITORY'), 'the environment of servers is in no journal');
});

test('an agent reports what it came across, and the operator gives it to a loop', async () => {
  const hit = { title: 'The door has no key.', evidence: 'door.js:1', priority: 'p1', confidence: 0.9, loop: 'talks' };
  await using stage = await Stage.set([
    {
      name: 'talks',
      front: { context: { mcp: ['looptop'] } },
      scenario: {
        passes: [
          [
            call('report_hit', hit),
            call('report_hit', hit),
            call('report_hit', { ...hit, title: 'of somebody else' }, 'f00dfeed'),
            FIX,
            { done: 'Done.' },
          ],
        ],
      },
    },
  ]);
  await stage.must('run', 'talks', '--wait');
  const answers = await said(stage, 'talks-1', '1-maker');
  assert.match(
    answers,
    /waits for the operator among the hits[\s\S]*It is known already[\s\S]*carries the mark of none/,
  );
  const hits = JSON.parse(await stage.must('hits', '--json')) as { reason: string; wouldRun: string | null }[];
  assert.deepEqual(
    hits.map(({ reason, wouldRun }) => [reason, wouldRun]),
    [['The door has no key.', 'talks']],
    'once, and nothing of somebody else',
  );
  assert.equal((await stage.ls()).length, 1, 'nothing begins by itself');
  assert.match(await stage.must('promote', 'h1'), /h1 is promoted: talks-2 is queued/);
  const item = await readFile(join(stage.root, '.looptop/runs/talks-2/item.json'), 'utf8').catch(() => '');
  assert.match(item === '' ? JSON.stringify((await stage.ls()).at(-1)) : item, /The door has no key\./);
});

test('a question that nobody answers ends, and the agent goes on', async () => {
  await using stage = await Stage.set([
    {
      name: 'asks',
      front: { context: { mcp: ['looptop'] } },
      scenario: {
        passes: [
          [
            { shell: `LOOPTOP_ASK_WAIT_MS=1500 ${CLIENT} looptop ask_operator '{"question":"Anybody?"}'` },
            FIX,
            { done: 'Done.' },
          ],
        ],
      },
    },
  ]);
  await stage.must('run', 'asks');
  await stage.until('asks-1', ({ state }) => state === 'review');
  assert.match(await said(stage, 'asks-1', '1-maker'), /decide yourself/);
});

const SKILL = '---\nname: minimal-fix\ndescription: Small changes only.\n---\nChange little.\n';
const GITHUB = { command: 'node', args: ['server.js'], env: { GITHUB_TOKEN: 's3cret-${SHOP_KEY}' } };

test('skills and MCP servers are looked for, trusted, handed over, and their secrets are in no journal', async () => {
  await using stage = await Stage.set([], {
    'loops/skilled.md': `---
name: skilled
on: manual
goal: The answer is fixed.
gates: [sh check.sh]
agents: { maker: { engine: shell, run: "${CLIENT} > servers.txt; echo fixed > answer.txt" } }
context: { skills: [minimal-fix], mcp: [github] }
---
Fix it.
`,
    'skills/minimal-fix/SKILL.md': SKILL.replace('minimal-fix', 'other'),
  });
  const checked = await stage.cli('check');
  assert.equal(checked.code, 2);
  assert.match(
    checked.stderr,
    /loops\/skilled\.md:7: context\.skills\[0\]: found "minimal-fix", skills\/minimal-fix\/SKILL\.md says name: other/,
  );
  assert.match(checked.stderr, /:7: context\.mcp\[0\]: found "github", \.mcp\.json has no server/);

  const mcp = { mcpServers: { github: GITHUB, other: { command: 'never' } } };
  await stage.write({ 'skills/minimal-fix/SKILL.md': SKILL, '.mcp.json': JSON.stringify(mcp) });
  await stage.git('add', '--all');
  await stage.git('commit', '--quiet', '--message=skill');
  assert.equal((await stage.cli('check')).code, 0);
  stage.env.SHOP_KEY = 'of-the-shop';
  const shown = await stage.must('trust', '--yes');
  assert.match(shown, /MCP server github: node server\.js \(GITHUB_TOKEN=\(hidden\)\)/);
  assert.ok(!shown.includes('s3cret'));

  await stage.must('run', 'skilled');
  const run = await stage.until('skilled-1', ({ state }) => state === 'review' || state.startsWith('failed'));
  assert.equal(run.state, 'review', run.reason);
  assert.equal(await readFile(join(run.worktree ?? '', 'servers.txt'), 'utf8'), 'github\n');
  const folder = join(stage.root, '.looptop/runs/skilled-1/1-maker');
  assert.match(
    await readFile(join(folder, 'prompt.md'), 'utf8'),
    /- minimal-fix: Small changes only\. Read `skills\/minimal-fix\/SKILL\.md`/,
  );
  assert.match(await readFile(join(folder, 'mcp.json'), 'utf8'), /s3cret-of-the-shop/);
  assert.ok(!JSON.stringify(await stage.events()).includes('s3cret'));

  await stage.write({ '.mcp.json': JSON.stringify({ mcpServers: { github: { ...GITHUB, args: ['evil.js'] } } }) });
  const refused = await stage.cli('run', 'skilled');
  assert.equal(refused.code, 7, refused.stderr);
  await stage.must('trust', '--yes');
  assert.equal((await stage.cli('run', 'skilled')).code, 0);
});

test('an item fills in where a run starts, what its branch is called and what its gates are, and nothing that a shell would read', async () => {
  await using stage = await Stage.set([
    {
      name: 'items',
      front: {
        gates: ['grep -q {{item.word}} answer.txt'],
        isolation: {
          type: 'worktree',
          base: '{{item.branch}}',
          branch: 'loop/fix/{{item.key}}',
          teardown: 'touch "$OUT/torn-down"',
          keep: 'never',
        },
        'on-success': { commit: 'fix {{item.key}}' },
      },
      scenario: { passes: [[FIX, { done: 'Done.' }]] },
    },
  ]);
  stage.env.OUT = stage.folder;
  await stage.git('branch', 'topic/a');
  const evil = await stage.cli('run', 'items', '--item', JSON.stringify({ word: '$(id)', branch: 'main', key: 'k' }));
  assert.equal(evil.code, 2);
  assert.match(evil.stderr, /gate .* wants \{\{item\.word\}\}, but "\$\(id\)" cannot go there/);
  const option = await stage.cli('run', 'items', '--item', JSON.stringify({ word: 'x', branch: '--all', key: 'k' }));
  assert.match(option.stderr, /isolation\.base wants/);
  const missing = await stage.cli('run', 'items');
  assert.match(missing.stderr, /which the item does not have/);

  await stage.must('run', 'items', '--item', JSON.stringify({ word: 'fixed', branch: 'topic/a', key: 'A-7' }));
  const run = await stage.until('items-1', ({ state }) => state === 'review' || state.startsWith('failed'));
  assert.equal(run.state, 'review', run.reason);
  assert.equal(run.branch, 'loop/fix/a-7');
  assert.match((await stage.git('log', '-1', '--format=%s', 'loop/fix/a-7')).stdout, /^fix A-7$/m);
  await stage.must('stop', 'items-1', '--yes');
  for (let tries = 0; tries < 50 && existsSync(run.worktree ?? ''); tries++)
    await new Promise((done) => setTimeout(done, 100));
  assert.equal(existsSync(run.worktree ?? ''), false);
  assert.ok(existsSync(join(stage.folder, 'torn-down')));
});
