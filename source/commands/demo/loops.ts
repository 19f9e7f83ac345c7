/** The demo's loops and what their scripted agents do. Each shows one thing a fleet does; none of it is faked on the screen. */
import { stringify } from 'yaml';

interface DemoLoop {
  readonly name: string;
  /** What the operator sees it do. */
  readonly shows: string;
  readonly front: Readonly<Record<string, unknown>>;
  readonly prompt: string;
  /** What a promotion of the triage starts; the demo does not fire it. */
  readonly promoted?: true;
  /** Who leads it; the maker unless it says so. */
  readonly leads?: 'triage';
  /** Null for a loop whose agent is a plain command. */
  readonly scenario: Readonly<Record<string, unknown>> | null;
}

const usage = { input: 900, cacheRead: 14_000, cacheWrite: 2_200, output: 640 };
const unit = (module: string) => [
  { id: 'syntax', run: `node --check src/${module}.js` },
  { id: 'unit', run: `node --test test/${module}.test.js` },
];
const person = [{ when: 'exhausted', to: 'human' }];

/** What the triage says of the issues of the project. */
const FOUND = [
  {
    key: 'shop-7',
    priority: 'p1',
    confidence: 0.94,
    reason: 'Tax is a hundred times too high: the rate in percent is used as a factor',
    evidence: 'src/tax.js:2',
    loop: 'tax-rate',
  },
  {
    key: 'shop-8',
    priority: 'p2',
    confidence: 0.71,
    reason: 'Names with an accent sort behind z in the report',
    evidence: 'src/report.js:2',
    loop: 'report-lines',
  },
];

const LOOPS: readonly DemoLoop[] = [
  {
    name: 'cart-total',
    shows: 'goes green on its third pass',
    front: { goal: '`node --test test/cart.test.js` exits 0.', gates: unit('cart') },
    prompt: 'Make the cart add up. One hypothesis a pass.',
    scenario: {
      usage,
      passes: [
        [
          { think: 'The total ignores how often an item was bought.' },
          { read: 'src/cart.js' },
          { edit: { file: 'src/cart.js', find: 'sum += item.price', replace: 'sum += item.price * item.count' } },
          { shell: 'node --test test/cart.test.js 2>&1 | tail -n 12' },
          { done: 'Items are now counted. Two tests still fail, about the discount.' },
        ],
        [
          { think: 'The discount is a percentage, so it has to be divided by 100.' },
          { edit: { file: 'src/cart.js', find: 'sum * discount', replace: 'sum * (discount / 100)' } },
          { shell: 'node --test test/cart.test.js 2>&1 | tail -n 12' },
          { done: 'The discount is right. Rounding is left.' },
        ],
        [
          { think: 'Half a cent is left over: the result has to be rounded.' },
          {
            edit: {
              file: 'src/cart.js',
              find: 'return sum - sum * (discount / 100);',
              replace: 'return Math.round(sum - sum * (discount / 100));',
            },
          },
          { shell: 'node --test test/cart.test.js 2>&1 | tail -n 12' },
          { done: 'All tests of the cart pass.' },
        ],
      ],
    },
  },
  {
    name: 'retry-queue',
    shows: 'fails the same way twice, climbs to the strong model, then succeeds',
    front: {
      goal: '`node --test test/queue.test.js` exits 0.',
      gates: unit('queue'),
      escalate: [{ when: 'same-failure', count: 2, maker: { model: 'strong' } }],
    },
    prompt: 'The queue gives up one try too early. Fix it.',
    scenario: {
      usage,
      passes: [
        [
          { think: 'Perhaps the error is swallowed.', unless: { model: 'strong' } },
          { read: 'src/queue.js', unless: { model: 'strong' } },
          {
            edit: {
              file: 'src/queue.js',
              find: 'if (i === tries) throw error;',
              replace: 'if (i >= tries) throw error;',
            },
            unless: { model: 'strong' },
          },
          { shell: 'node --test test/queue.test.js 2>&1 | tail -n 10', unless: { model: 'strong' } },
          { done: 'I compared with >= now.', unless: { model: 'strong' } },
          { think: 'The loop ends before the last try: `i < tries` should be `i <= tries`.' },
          { edit: { file: 'src/queue.js', find: 'i < tries', replace: 'i <= tries' } },
          { shell: 'node --test test/queue.test.js 2>&1 | tail -n 10' },
          { done: 'Off by one in the loop, not in the comparison.' },
        ],
      ],
    },
  },
  {
    name: 'report-lines',
    shows: 'says it is done while its gate is red, and is stopped after two passes',
    front: {
      goal: '`node --test test/report.test.js` exits 0.',
      gates: unit('report'),
      escalate: person,
      budget: { passes: 2 },
    },
    prompt: 'One line per order, please.',
    scenario: {
      usage,
      passes: [
        [
          { think: 'A comment should make the intention clear.' },
          {
            edit: {
              file: 'src/report.js',
              find: '/** One line per order. */',
              replace: '/** One line per order, always. */',
            },
          },
          { say: 'I am confident that this is right.' },
          { done: 'Done! All tests pass and the report is fixed.' },
        ],
      ],
    },
  },
  {
    name: 'search-index',
    shows: 'hits its token cap in the middle of a pass',
    front: {
      goal: '`node --test test/search.test.js` exits 0.',
      gates: unit('search'),
      budget: { tokens: '120k', usd: 5 },
    },
    prompt: 'Make the search ignore case.',
    scenario: {
      usage,
      passes: [
        [
          { think: 'I will read every file of the project first, twice.' },
          { shell: 'ls -R src test' },
          { spend: { input: 60_000, cacheWrite: 120_000, output: 20_000, perSecond: 9000 } },
          { done: 'I have now read everything.' },
        ],
      ],
    },
  },
  {
    name: 'stock-check',
    shows: 'repeats itself, is told so, and is stopped',
    front: { goal: '`node --test test/stock.test.js` exits 0.', gates: unit('stock'), escalate: person },
    prompt: 'Selling more than there is must fail.',
    scenario: {
      usage,
      passes: [
        [
          { think: 'Let me see whether it fails again.' },
          {
            repeat: {
              times: 12,
              steps: [
                {
                  shell:
                    'node --test test/stock.test.js >/dev/null 2>&1 || echo "1 test failed: never goes below zero"',
                },
                { think: 'Odd. Once more.' },
              ],
            },
          },
          { done: 'It keeps failing.' },
        ],
      ],
    },
  },
  {
    name: 'date-math',
    shows: 'waits for your answer (n)',
    front: { goal: '`node --test test/dates.test.js` exits 0.', gates: unit('dates') },
    prompt: 'Days are counted as hours. Fix it; ask before you change what a function returns.',
    scenario: {
      usage,
      passes: [
        [
          { think: 'The result is in hours. Dividing by 24 changes what callers get.' },
          { read: 'src/dates.js' },
          { ask: 'daysBetween will return days instead of hours. May I change that?' },
          { edit: { file: 'src/dates.js', find: '/ 60 / 60;', replace: '/ 60 / 60 / 24;' } },
          { shell: 'node --test test/dates.test.js 2>&1 | tail -n 8' },
          { done: 'The function returns days now.' },
        ],
      ],
    },
  },
  {
    name: 'money-format',
    shows: 'is a plain command with no token report: its meter is an estimate',
    front: {
      goal: '`node --test test/money.test.js` exits 0.',
      agents: {
        maker: {
          engine: 'shell',
          run: "echo 'Money has two decimals.'; sleep 2; sed -i.bak 's|String(cents / 100)|(cents / 100).toFixed(2)|' src/money.js && rm -f src/money.js.bak && echo changed src/money.js",
        },
      },
      gates: unit('money'),
    },
    prompt: 'Two decimals, always.',
    scenario: null,
  },
  {
    name: 'triage',
    shows: 'ranks issues on the cheap model: one hit starts tax-rate by itself, one waits for you (2)',
    leads: 'triage',
    front: {
      description: 'Ranks issues that are new; edits nothing.',
      goal: 'Every issue that is worth anyone’s time has a priority, evidence and a loop.',
      discover: { run: 'cat issues.jsonl', key: 'id', 'changed-by': ['updated'] },
      isolation: 'none',
      'on-hit': { 'min-priority': 'p2', mode: 'auto', 'promote-to': 'tax-rate', 'max-per-day': 1 },
    },
    prompt: 'What is broken goes before what is wished for.',
    scenario: {
      usage: { input: 600, cacheRead: 4000, cacheWrite: 900, output: 300 },
      passes: [
        [
          { think: 'Three issues. I look only at the lines they are about.' },
          { shell: 'cat "$LOOPTOP_ITEM_FILE" | head -n 40' },
          { read: 'src/tax.js' },
          { done: `Two of the three are real.\n${JSON.stringify({ hits: FOUND }, null, 1)}` },
        ],
      ],
    },
  },
  {
    name: 'tax-rate',
    shows: 'is started by the triage, with what it found, and goes green',
    promoted: true,
    front: {
      description: 'Mends the tax of an invoice.',
      goal: '`node --test test/tax.test.js` exits 0.',
      gates: unit('tax'),
    },
    prompt: 'Make the tax come out right. The finding is in the item.',
    scenario: {
      usage,
      passes: [
        [
          { shell: 'head -n 12 "$LOOPTOP_ITEM_FILE"' },
          { think: 'The rate is in percent, as the finding says, and is used as a factor.' },
          { edit: { file: 'src/tax.js', find: 'cents * percent', replace: '(cents * percent) / 100' } },
          { shell: 'node --test test/tax.test.js 2>&1 | tail -n 8' },
          { done: 'The tax is a percentage now.' },
        ],
      ],
    },
  },
];

export interface DemoFiles {
  /** Path in the repository -> content. */
  readonly files: Readonly<Record<string, string>>;
  readonly loops: readonly { readonly name: string; readonly shows: string; readonly promoted?: true }[];
}

/** Loop files and scenarios; `pace` stretches every pause of the scripted agents (1 = to be watched, 0 = as fast as it goes). */
export function demoLoops(pace: number): DemoFiles {
  const files: Record<string, string> = {};
  for (const { name, front, prompt, scenario, leads = 'maker' } of LOOPS) {
    const maker =
      scenario === null
        ? {}
        : {
            agents: {
              [leads]: {
                engine: 'scripted',
                scenario: `scenarios/${name}.yaml`,
                model: leads === 'triage' ? 'cheap' : 'standard',
              },
            },
          };
    const matter = { name, on: 'manual', ...maker, ...front };
    files[`loops/${name}.md`] = `---\n${stringify(matter, { lineWidth: 0 })}---\n${prompt}\n`;
    if (scenario !== null) files[`scenarios/${name}.yaml`] = stringify({ paceMs: Math.round(900 * pace), ...scenario });
  }
  return {
    files,
    loops: LOOPS.map(({ name, shows, promoted }) => (promoted ? { name, shows, promoted } : { name, shows })),
  };
}
