/** A shipped loop file made to measure for a repository: its gates, its branch, its engines, its page. Text in, text out. */
import { type Document, isMap, isScalar, isSeq, parseDocument, Scalar } from 'yaml';
import type { Surroundings } from './surroundings.ts';

export interface Adapted {
  readonly text: string;
  /** What a person has to do before it can run, a sentence each; then it is switched off. */
  readonly lacks: readonly string[];
}

/** @param shipped text of a file of `loops/` of this program */
export function adapt(shipped: string, around: Surroundings): Adapted {
  const [, front = '', body = ''] =
    /^---\n(?:# yaml-language-server.*\n)?([\s\S]*?)\n---\n([\s\S]*)$/.exec(shipped) ?? [];
  const document = parseDocument(onTrunk(front, around.trunk));
  const lacks = [
    ...withGithub(document, around),
    ...withChecks(document, around),
    ...withPage(document, around),
    ...withFan(document),
  ];
  withSetup(document, around);
  withEngines(document, around);
  const lines = document.toString({ lineWidth: 120 });
  const off = lacks.map((words) => `# ${words}\n`).join('');
  const switched =
    lacks.length === 0
      ? lines
      : lines.replace(/^name:.*\n/m, `$&${off}enabled: false # remove this line when that is done\n`);
  return { text: `---\n${aboutPage(switched, around)}---\n${aboutPage(body, around)}`, lacks };
}

/** The branch that the shipped files call main. */
const onTrunk = (front: string, trunk: string | null): string =>
  trunk === null || trunk === 'main' ? front : front.replace(/(origin[ /]|--branch )main\b/g, `$1${trunk}`);

/** Lists the files with a TODO, each again when it changes. A name that would break the line is left out. */
const TODOS = `git grep -lIE 'TODO|FIXME' | grep -v '["\\\\]' | while read -r file; do
  echo "{\\"id\\":\\"$file\\",\\"blob\\":\\"$(git hash-object "$file")\\"}"
done
`;

/** What asks GitHub where there is none. */
function withGithub(document: Document, { github, noGithub, trunk }: Surroundings): string[] {
  const look = document.getIn(['discover', 'run']);
  const asks = typeof look === 'string' && /\bgh (issue|run|api)\b/.exec(look)?.[1];
  if (trunk === null || (asks === 'run' && !github)) drop(document, ['isolation', 'base']);
  if (!asks || github) return [];
  if (asks === 'issue') {
    document.set(
      'description',
      'Ranks what is marked TODO, where it is new or has changed; a cheap model that edits nothing.',
    );
    document.set(
      'goal',
      "Every TODO that is worth anyone's time has a priority, a confidence, evidence and a loop that could take it.",
    );
    const run = new Scalar(TODOS);
    run.type = Scalar.BLOCK_LITERAL;
    document.setIn(['discover'], document.createNode({ run: '', key: 'id', 'changed-by': ['blob'], limit: 20 }));
    document.setIn(['discover', 'run'], run);
    return [];
  }
  if (asks === 'run') {
    document.set('description', 'Takes the checks of this repository from red to green with the smallest change.');
    document.set('on', 'manual');
    document.delete('discover');
    return [];
  }
  document.set('on', 'manual');
  return [`it works on pull requests of GitHub: ${noGithub}`];
}

/** With the map that it leaves empty. */
function drop(document: Document, path: readonly string[]): void {
  if (!document.hasIn(path)) return;
  document.deleteIn(path);
  const above = path.slice(0, -1);
  const left = document.getIn(above);
  if (isMap(left) && left.items.length === 0) drop(document, above);
}

/** Ids of the gates in the shipped files that stand for the repository's own checks. */
const OWN = ['lint', 'test'];

function withChecks(document: Document, { checks }: Surroundings): string[] {
  const gates = document.get('gates');
  if (!isSeq(gates)) return [];
  const idOf = (item: unknown) => (isMap(item) ? item.get('id') : undefined);
  const at = gates.items.findIndex((item) => OWN.includes(String(idOf(item))));
  if (at < 0) return [];
  const none = checks.gates.length === 0;
  const found = none ? [{ id: 'checks', run: 'echo put your checks here; exit 1' }] : checks.gates;
  const own = found.map(({ because: _file, ...gate }: { because?: string; id: string; run: string }) => {
    const node = document.createNode(gate, { flow: true });
    return node;
  });
  gates.items.splice(at, gates.items.filter((item) => OWN.includes(String(idOf(item)))).length, ...own);
  // What is proven once more at the end.
  const last = found.findLast(({ id }) => id.includes('test')) ?? found.at(-1);
  for (const item of gates.items) if (idOf(item) === 'steady' && isMap(item)) item.set('run', last?.run);
  allow(document, none ? [] : found.map(({ run }) => run));
  return none ? ['no checks were found: put yours into gates'] : [];
}

function withSetup(document: Document, { checks: { setup } }: Surroundings): void {
  const path = ['isolation', 'setup'];
  if (setup === null) drop(document, path);
  else if (document.hasIn(path)) document.setIn(path, setup);
}

/** What is replaced by what, only a person knows. */
const withFan = (document: Document): string[] =>
  document.has('fan-out')
    ? [
        'say what is replaced: legacy-http and http-client stand in fan-out, in the gates and in the text; the packages are those of npm',
      ]
    : [];

/** The maker may run what its gates run. Of a command that is more than words nobody can say where it ends. */
function allow(document: Document, commands: readonly string[]): void {
  const path = ['agents', 'maker', 'tools', 'allow'];
  const tools = document.getIn(path);
  if (!isSeq(tools)) return;
  const others = tools.items
    .map((item) => String(isScalar(item) ? item.value : item))
    .filter((tool) => !/^Bash\(npm /.test(tool));
  const plain = commands
    .filter((command) => /^[\w./@:-][\w ./@:-]*$/.test(command))
    .map((command) => `Bash(${command}:*)`);
  document.setIn(path, document.createNode([...plain, ...others], { flow: true }));
}

/** Engines that cannot be told which MCP servers they may have. */
const NO_SERVERS = ['gemini', 'grok', 'acp'];

/** The maker's engine is the best that is installed, and the checker's another where there are two. */
function withEngines(document: Document, { engines }: Surroundings): void {
  const [first] = engines;
  if (first === undefined) return;
  const agents = document.get('agents');
  const roles = isMap(agents) ? agents.items.map(({ key }) => String(isScalar(key) ? key.value : key)) : [];
  for (const role of roles) {
    const at = ['agents', role];
    if (document.hasIn([...at, 'engine'])) document.setIn([...at, 'engine'], first);
    // They are named as claude names them.
    if (first !== 'claude') drop(document, [...at, 'tools']);
  }
  const other = engines.find((engine) => engine !== first);
  if (other !== undefined && roles.includes('checker')) document.setIn(['agents', 'checker', 'engine'], other);
  if ([first, other].some((engine) => NO_SERVERS.includes(engine ?? ''))) drop(document, ['context', 'mcp']);
}

/** Where a browser is started in the shipped file, and what it is shown. */
const BROWSER = /chromium (?=--headless)/;
const SHOWN = '"file://$PWD/index.html"';

function withPage(document: Document, { browser, page, reference, checks }: Surroundings): string[] {
  const gates = document.get('gates');
  const look = isSeq(gates) ? gates.items.find((item) => isMap(item) && item.has('render')) : undefined;
  if (!isMap(look)) return [];
  const render = look.get('render', true);
  if (isScalar<string>(render)) {
    const drawn = render.value.replace(BROWSER, `${browser ?? 'chromium'} `);
    render.value = page?.from === 'server' ? served(drawn, page) : drawn;
  }
  if (page?.from === 'server' && checks.setup !== null)
    document.set('isolation', document.createNode({ type: 'worktree', setup: checks.setup }));
  return [
    ...(page === null ? ['no page was found: say in gate look what the browser is to show'] : []),
    ...(page?.from === 'server' && page.unready !== '' ? [page.unready] : []),
    ...(browser === null
      ? ['no Chromium or Chrome is on the PATH: install one, or put what draws your page into gate look']
      : []),
    ...(reference === null ? ['put a picture of how the page should look at design/reference.png and commit it'] : []),
  ];
}

/** With a server of its own, gone when the picture is taken. */
const served = (render: string, { start, url }: { readonly start: string; readonly url: string }): string =>
  `${start} >/dev/null 2>&1 & server=$!\n${render
    .replace(`'rm -rf "$profile"'`, `'kill $server; rm -rf "$profile"'`)
    .replace(/\n/, `\nuntil curl -sf -o /dev/null '${url.replace(/(\/\/[^/]+\/).*/, '$1')}'; do sleep 0.2; done\n`)
    .replace(SHOWN, `'${url}'`)}`;

/** The words about page and picture, wherever the file has them. */
const aboutPage = (text: string, { page, reference }: Surroundings): string => {
  const picture = text.replaceAll('design/reference.png', reference ?? 'design/reference.png');
  const folder = reference?.split('/').slice(0, -1).join('/') ?? 'design';
  const denied = picture.replaceAll('design/**', `${folder}/**`);
  if (page?.from === 'server') return denied.replaceAll('picture of index.html at', 'picture of the page at');
  return page === null ? denied : denied.replaceAll('index.html', page.path);
};
